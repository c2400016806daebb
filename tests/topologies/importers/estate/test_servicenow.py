"""ServiceNow's CMDB: exports of every shape give the same graph; an instance is asked page by page and written to."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from console.main import main
from tests.topologies.importers.estate.importing import adds_up, edges, estate_of, imported, kinds, left_out
from timeline.findings import InputError
from topologies.importers.estate import import_estate
from topologies.importers.estate.servicenow.table_api import Instance

CIS = """\
sys_id,name,sys_class_name,install_status,support_group,location,duplicate_of
01,Online banking,cmdb_ci_service,Installed,Channels,,
02,web-1,cmdb_ci_linux_server,Installed,Linux,Vienna,
03,Portal,cmdb_ci_appl,Installed,Channels,Vienna,
04,ora-1,cmdb_ci_db_ora_instance,Installed,Databases,Linz,
05,old-db,cmdb_ci_db_ora_instance,Retired,Databases,,
06,web-1,cmdb_ci_linux_server,Installed,Linux,Linz,
07,Portal copy,cmdb_ci_appl,Installed,,,03
08,Front,cmdb_ci_cluster,Installed,Linux,,
09,Feed,cmdb_ci_ups,Installed,,Vienna,
10,Vienna,cmdb_ci_datacenter,Installed,,,
"""
RELATIONS = """\
parent.sys_id,parent,type,child.sys_id,child
01,Online banking,Depends on::Used by,03,Portal
03,Portal,Runs on::Runs,02,web-1
03,Portal,Depends on::Used by,04,ora-1
07,Portal copy,Depends on::Used by,04,ora-1
03,Portal,Depends on::Used by,05,old-db
08,Front,Cluster of::Cluster,02,web-1
08,Front,Members::Member of,06,web-1
09,Feed,Powers::Powered by,02,web-1
10,Vienna,Contains::Contained by,08,Front
10,Vienna,Contains::Contained by,03,Portal
03,Portal,Managed by::Manages,01,Online banking
03,Portal,Whispers to::Hears,02,web-1
03,Portal,Depends on::Used by,77,Mainframe
"""
KEPT = {
    ("online-banking", "portal"),
    ("portal", "web-1-02"),
    ("portal", "ora-1"),
    ("front", "web-1-02"),
    ("front", "web-1-06"),
    ("web-1-02", "feed"),
    ("portal", "vienna"),
    ("portal", "mainframe"),
}


def test_relationships_are_read_from_parent_to_child(tmp_path: Path) -> None:
    result = imported(tmp_path, "servicenow", {"cis.csv": CIS, "rels.csv": RELATIONS})
    assert edges(result) == KEPT
    assert left_out(result) == [
        "'Managed by::Manages' is no dependency",
        "'old-db' is retired",
        "a group does not stand in a place",
        "it is retired",
        "nobody knows what 'Whispers to::Hears' says: a mapping can say it",
    ]
    assert adds_up(result)
    assert (result.node_counts.read, result.node_counts.merged, result.node_counts.mentioned) == (10, 1, 2)


def test_an_import_loads_with_its_parts(tmp_path: Path) -> None:
    estate = estate_of(imported(tmp_path, "servicenow", {"cis.csv": CIS, "rels.csv": RELATIONS}), tmp_path / "out")
    assert set(estate.functions) == {"online-banking"}
    assert set(estate.sites) == {"vienna", "linz"}
    assert estate.groups["front"].members == ("web-1-02", "web-1-06")
    assert estate.components["ora-1"].kind == "database"
    assert (estate.components["portal"].site, estate.components["portal"].owner) == ("vienna", "channels")
    assert estate.components["portal"].capacity_rps is None


def rows(text: str) -> list[dict[str, str]]:
    header, *lines = text.splitlines()
    return [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]


def api(text: str) -> list[dict[str, Any]]:
    """Rows as the Table API answers with `sysparm_display_value=all`."""
    answers = []
    for row in rows(text):
        answer: dict[str, Any] = {}
        for name, shown in row.items():
            if not name.endswith(".sys_id"):
                stored = {"Installed": "1", "Retired": "7"}.get(shown, row.get(f"{name}.sys_id", shown))
                answer[name] = {"display_value": shown, "value": stored}
        answers.append(answer)
    for number, answer in enumerate(answers):
        answer.setdefault("sys_id", {"display_value": f"r{number:02}", "value": f"r{number:02}"})
    return answers


@pytest.mark.parametrize("envelope", ["result", "records"])
def test_json_exports_give_the_same_as_csv(tmp_path: Path, envelope: str) -> None:
    files = {"cis.json": {envelope: api(CIS)}, "rels.json": {envelope: api(RELATIONS)}}
    result = imported(tmp_path, "servicenow", files)
    assert edges(result) == KEPT
    assert kinds(result) == kinds(imported(tmp_path / "csv", "servicenow", {"c.csv": CIS, "r.csv": RELATIONS}))


def test_a_name_that_two_cis_have_decides_nothing(tmp_path: Path) -> None:
    relation = "parent,type,child\nPortal,Runs on::Runs,web-1\nPortal,Depends on::Used by,ora-1\n"
    result = imported(tmp_path, "servicenow", {"cis.csv": CIS, "rels.csv": relation})
    assert edges(result) == {("portal", "ora-1")}
    assert "2 CIs are called 'web-1', and there is no sys_id to tell them apart" in left_out(result)


def test_relationship_types_stated_by_sys_id_are_looked_up(tmp_path: Path) -> None:
    types = {"result": [{"sys_id": "t1", "parent_descriptor": "Runs on", "child_descriptor": "Runs", "name": ""}]}
    relations = {
        "result": [{"parent": {"value": "03"}, "child": {"value": "04"}, "type": {"link": "x", "value": "t1"}}]
    }
    result = imported(tmp_path, "servicenow", {"cis.csv": CIS, "types.json": types, "rels.json": relations})
    assert edges(result) == {("portal", "ora-1")}
    assert result.edges[0].evidence[0].says == "Runs on::Runs"


def test_a_mapping_goes_before_the_rules(tmp_path: Path) -> None:
    mapping = """
        format: blackstart/estate-mapping/1
        kinds: {cmdb_ci_appl: gateway}
        relations: {"Whispers to::Hears": hard-reversed, "Runs on::Runs": left-out}
        """
    result = imported(tmp_path, "servicenow", {"cis.csv": CIS, "rels.csv": RELATIONS}, mapping)
    assert ("web-1-02", "portal") in edges(result)
    assert ("portal", "web-1-02") not in edges(result)
    assert kinds(result)["portal"] == "gateway"


def test_ends_may_be_fields_that_an_export_walks_to(tmp_path: Path) -> None:
    relations = "parent.name,parent.sys_id,type.name,child.name,child.sys_id\nPortal,03,Runs on::Runs,web-1,06\n"
    assert edges(imported(tmp_path, "servicenow", {"c.csv": CIS, "r.csv": relations})) == {("portal", "web-1-06")}


@dataclass
class StandIn:
    """An instance on this machine: answers the Table API as documented, records what it is asked."""

    tables: dict[str, list[dict[str, Any]]]
    links: bool = True
    busy: int = 0
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    patched: dict[str, Any] = field(default_factory=dict)
    ignores_patches: bool = False
    redirects_to: str | None = None
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append((handler.command, handler.path, handler.headers.get("Authorization")))
        path = urlsplit(handler.path)
        *_, table = path.path.removeprefix("/api/now/table/").split("/")[:1]
        if self.redirects_to is not None:
            return self.send(handler, 302, {}, {"Location": self.redirects_to})
        if handler.headers.get("Authorization") is None:
            return self.send(handler, 401, {"error": {"message": "User Not Authenticated"}})
        if self.busy:
            self.busy -= 1
            return self.send(handler, 429, {}, {"Retry-After": "0"})
        if handler.command == "PATCH":
            sys_id = path.path.rpartition("/")[2]
            wanted = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
            self.patched[sys_id] = wanted
            value = "1" if self.ignores_patches else wanted["operational_status"]
            return self.send(handler, 200, {"result": {"sys_id": sys_id, "operational_status": {"value": value}}})
        query = {name: values[0] for name, values in parse_qs(path.query).items()}
        offset, limit = int(query["sysparm_offset"]), int(query["sysparm_limit"])
        records = sorted(self.tables[table], key=lambda record: str(record["sys_id"]["value"]))
        headers = {"X-Total-Count": str(len(records))}
        if self.links and offset + limit < len(records):
            following = handler.path.replace(f"offset={offset}", f"offset={offset + limit}")
            headers["Link"] = f'<{self.url}{handler.path}>;rel="first",<{self.url}{following}>;rel="next"'
        return self.send(handler, 200, {"result": records[offset : offset + limit]}, headers)

    @staticmethod
    def send(handler: BaseHTTPRequestHandler, code: int, body: Any, headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(body).encode()
        handler.send_response(code)
        for name, value in {**(headers or {}), "Content-Length": str(len(raw))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(raw)


@contextmanager
def running(instance: StandIn) -> Iterator[StandIn]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            instance.answer(self)

        do_PATCH = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    instance.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield instance
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def instance() -> Iterator[StandIn]:
    with running(StandIn({"cmdb_ci": api(CIS), "cmdb_rel_ci": api(RELATIONS)})) as there:
        yield there


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICENOW_USER", "reader")
    monkeypatch.setenv("SERVICENOW_PASSWORD", "open sesame")


BASIC = "Basic " + base64.b64encode(b"reader:open sesame").decode()


@pytest.mark.usefixtures("credentials")
def test_an_instance_gives_the_same_as_its_exports(instance: StandIn) -> None:
    result = import_estate("servicenow", [instance.url])
    assert edges(result) == KEPT
    assert {authorisation for _, _, authorisation in instance.asked} == {BASIC}


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("page", [1, 3, 10, 11])
def test_every_page_is_asked_for_once(instance: StandIn, links: bool, page: int) -> None:
    instance.links = links
    records = list(Instance.named(instance.url, {"SERVICENOW_TOKEN": "t"}).records("cmdb_ci", "sys_id", page))
    assert [record["sysid"].stored for record in records] == [f"{number:02}" for number in range(1, 11)]
    assert len(instance.asked) == -(-10 // page)
    assert instance.asked[0][2] == "Bearer t"


def test_a_busy_instance_is_asked_again(instance: StandIn) -> None:
    instance.busy = 2
    waits: list[float] = []
    asked = Instance(instance.url, "Bearer t", sleep=waits.append)
    assert len(list(asked.records("cmdb_ci", "sys_id"))) == 10
    assert waits == [0, 0]


def test_an_instance_that_wants_credentials_says_which(instance: StandIn) -> None:
    with pytest.raises(InputError, match="401 Unauthorized") as refused:
        list(Instance.named(instance.url, {}).records("cmdb_ci", "sys_id"))
    assert "SERVICENOW_TOKEN" in str(refused.value)


def test_credentials_follow_no_redirect(instance: StandIn) -> None:
    with running(StandIn({})) as elsewhere:
        instance.redirects_to = elsewhere.url
        with pytest.raises(InputError, match="redirects are not followed"):
            list(Instance.named(instance.url, {"SERVICENOW_TOKEN": "t"}).records("cmdb_ci", "sys_id"))
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://cmdb.example", "plain HTTP"),
        ("https://me:secret@cmdb.example", "no place for credentials"),
        ("ftp://cmdb.example", "not the URL"),
        ("https://", "not the URL"),
    ],
)
def test_credentials_go_to_no_such_place(url: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        Instance.named(url, {"SERVICENOW_TOKEN": "t"})
    assert "secret" not in str(refused.value)


def status_of(*arguments: str) -> object:
    with pytest.raises(SystemExit) as leaving:
        main(list(arguments))
    return leaving.value.code


@pytest.mark.usefixtures("credentials")
def test_status_is_written_back_only_when_asked_to(
    instance: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "cmdb")
    assert status_of("estate", "import", "servicenow", instance.url, "-o", folder, "-q") == 0
    command = ["estate", "status", folder, instance.url, "--set", "ora-1=non-operational", "--set", "portal=ready"]
    assert status_of(*command) == 0
    assert instance.patched == {}
    assert "would send: ora-1 (04) is non-operational" in capsys.readouterr().out
    assert status_of(*command, "--send") == 0
    assert instance.patched == {"04": {"operational_status": "2"}, "03": {"operational_status": "5"}}
    assert status_of("estate", "status", folder, instance.url, "--set", "ora-2=ready", "--set", "portal=redy") == 2
    said = capsys.readouterr().err
    assert "did you mean 'ora-1'?" in said
    assert "did you mean 'ready'?" in said


@pytest.mark.usefixtures("credentials")
def test_a_status_that_the_instance_does_not_take_is_an_error(instance: StandIn, tmp_path: Path) -> None:
    folder = str(tmp_path / "cmdb")
    assert status_of("estate", "import", "servicenow", instance.url, "-o", folder, "-q") == 0
    instance.ignores_patches = True
    assert status_of("estate", "status", folder, instance.url, "--set", "ora-1=ready", "--send") == 2
