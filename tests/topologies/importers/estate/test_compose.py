"""Compose: short and long notations, several files, variables, and hosts in the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.topologies.importers.estate.importing import adds_up, edges, estate_of, imported, kinds, left_out
from timeline.findings import InputError
from topologies.importers.estate import import_estate
from topologies.importers.estate.compose.variables import fill_in, read_variables

SHOP = """\
services:
  web:
    image: "ghcr.io/acme/web:${VERSION:-1}"
    depends_on:
      orders: {condition: service_healthy}
      migrate: {condition: service_completed_successfully}
    environment:
      - SEARCH_URL=http://search:9200/
      - MODE=queue
      - CACHE_HOST=cache
      - MAILER
    networks: [front]
    deploy: {replicas: 3}
  orders:
    build: .
    depends_on: [db, missing]
    links: ["cache:memory"]
    external_links: [legacy]
    environment: {DATABASE_DSN: "postgres://shop:${PASSWORD}@database:5432/shop", SELF: "http://orders:80"}
    networks: [front, back]
  migrate: {image: acme/migrate}
  db:
    image: postgres:16
    container_name: database
    volumes: ["data:/var/lib/postgresql", "./conf:/etc/pg:ro", {type: volume, source: wal, target: /wal}]
    networks: [back]
  cache: {image: "redis:7", network_mode: "service:db"}
  search: {image: "opensearchproject/opensearch:2", command: ["--seed=kafka:9092"], networks: [back]}
  kafka: {image: apache/kafka, volumes_from: ["db:ro"]}
  mail: {image: axllent/mailpit}
volumes: {data: , wal: , unused: }
networks: {front: , back: }
"""


def test_everything_that_names_another_service_is_a_dependency(tmp_path: Path) -> None:
    result = imported(tmp_path, "compose", {"compose.yaml": SHOP})
    assert edges(result) == {
        ("web", "orders"),
        ("web", "search"),
        ("web", "cache"),
        ("orders", "db"),
        ("orders", "cache"),
        ("orders", "legacy"),
        ("db", "data-volume"),
        ("db", "wal-volume"),
        ("cache", "db"),
        ("search", "kafka"),
        ("kafka", "db"),
    }
    assert left_out(result) == [
        "it waits for a job to end, and does not need it afterwards",
        "there is no service 'missing' in these files",
    ]
    assert adds_up(result)


def test_variables_come_from_the_file_beside(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAILER=smtp://mail:25 # ours\n")
    result = imported(tmp_path, "compose", {"compose.yaml": SHOP})
    assert ("web", "mail") in edges(result)


def test_kinds_replicas_and_confidence(tmp_path: Path) -> None:
    result = imported(tmp_path, "compose", {"compose.yaml": SHOP})
    assert {id: kind for id, kind in kinds(result).items() if kind != "service"} == {
        "migrate": "batch",
        "db": "database",
        "cache": "cache",
        "search": "database",
        "kafka": "queue",
        "legacy": "external",
        "data-volume": "storage",
        "wal-volume": "storage",
        "unused-volume": "storage",
    }
    estate = estate_of(result, tmp_path / "out")
    assert (estate.components["web"].replicas.count, estate.components["web"].replicas.needed) == (3, 3)
    sources = {path.rpartition(".")[2]: s for path, s in estate.sources.items() if ".web.depends_on." in path}
    assert {id: (source.basis, source.confidence) for id, source in sources.items()} == {
        "orders": ("expert", "high"),
        "search": ("assumed", "low"),
        "cache": ("assumed", "low"),
    }
    assert "shares no network" in result.remarks[0].message


def test_later_files_go_before_earlier_ones(tmp_path: Path) -> None:
    override = """
        services:
          web:
            environment: {SEARCH_URL: "http://mail:9200/"}
            depends_on: [kafka]
        """
    result = imported(tmp_path, "compose", {"compose.yaml": SHOP, "compose.override.yaml": override})
    assert {target for source, target in edges(result) if source == "web"} == {"orders", "mail", "cache", "kafka"}
    assert edges(import_estate("compose", [str(tmp_path)])) == edges(result)


def test_extends_and_include_bring_what_other_files_state(tmp_path: Path) -> None:
    files = {
        "compose.yaml": """
            include: [tools/compose.yaml]
            services:
              web: {extends: {file: base.yaml, service: common}, depends_on: [proxy]}
              db: {image: postgres}
            """,
        "base.yaml": """
            services:
              common: {extends: plain, depends_on: [db]}
              plain: {environment: {CACHE_URL: "redis://cache"}}
            """,
        "tools/compose.yaml": "services: {proxy: {image: nginx}, cache: {image: redis}}",
    }
    for name, text in list(files.items())[1:]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text.replace("\n            ", "\n"))
    result = imported(tmp_path, "compose", {"compose.yaml": files["compose.yaml"]})
    assert edges(result) == {("web", "proxy"), ("web", "db"), ("web", "cache")}


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("services:\n  web: {extends: weds}\n  wed: {image: x}\n", "compose.yaml:2", "did you mean 'wed'"),
        ("services:\n  web: {extends: web}\n", "compose.yaml:2", "extends itself"),
        ("include: [gone.yaml]\nservices: {}\n", "compose.yaml:1", "no file 'gone.yaml'"),
        ("include: [compose.yaml]\n", "compose.yaml:1", "include each other"),
        ("services:\n  web:\n    depends_on: 7\n", "compose.yaml:3:", "services.web.depends_on"),
        ("- web\n", "compose.yaml:1", "valid dictionary"),
        ("services: {web: [\n", "compose.yaml:2", "[yaml.syntax]"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(tmp_path: Path, text: str, place: str, says: str) -> None:
    with pytest.raises(InputError) as error:
        imported(tmp_path, "compose", {"compose.yaml": text})
    assert place in str(error.value)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("$A ${A} $$A ${B}", "1 1 $A "),
        ("${A:-x} ${B:-x} ${E:-x} ${E-x} ${B-x}", "1 x x  x"),
        ("${A:+y}${B:+y}${E:+y}${E+y}", "yy"),
        ("${B:-${A}2} ${A:?gone} ${ $ a$", "12 1 ${ $ a$"),
    ],
)
def test_variables_are_filled_in_as_compose_does(text: str, filled: str) -> None:
    assert fill_in(text, {"A": "1", "E": ""}) == filled


def test_env_files_are_read_line_by_line() -> None:
    text = "# no\nexport A=1 # one\nB='$A'\nC=\"${A}2\"\nD=${A}:${X}\n=x\nE\n"
    assert read_variables(text, {"X": "9"}) == {"A": "1", "B": "$A", "C": "12", "D": "1:9"}
