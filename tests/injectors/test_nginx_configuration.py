"""What is changed in an nginx configuration, and what nginx itself says about it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from injectors.nginx_configuration import REFUSED, directives, without_upstream
from tests.services import require

SHOP = """\
events { worker_connections 16; } # upstream commented { server 1.2.3.4; }
http {
  log_format odd '{ "a;b": "$request" } server';
  upstream shop {
    server 127.0.0.1:8081 weight=2;
    server 127.0.0.1:8082 down;
    keepalive 4;
  }
  server {
    listen 127.0.0.1:18999;
    location /a { proxy_pass http://shop/x; }
    location /b { proxy_pass http://127.0.0.1:8083/y; }
  }
}
"""


def test_servers_are_down_and_addresses_lead_to_nobody() -> None:
    expected = SHOP.replace("8081 weight=2;", "8081 weight=2 down;").replace("127.0.0.1:8083/y", "127.0.0.1:1/y")
    assert without_upstream(SHOP) == expected


@pytest.mark.parametrize("change", [without_upstream, lambda text: text + REFUSED, lambda text: text])
def test_nginx_agrees(tmp_path: Path, change: object) -> None:
    path = tmp_path / "nginx.conf"
    settings = f"pid {tmp_path}/pid;\nerror_log {tmp_path}/log;\n"
    path.write_text(settings + change(SHOP))  # type: ignore[operator]
    command = [require("nginx"), "-t", "-q", "-e", "/dev/null", "-c", str(path)]
    accepted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert accepted == (REFUSED not in path.read_text())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http { server { listen 80; } }", "passes nothing on"),
        ("location / { proxy_pass http://$where; }", "cannot be told"),
        ("http { ", "within a block"),
        ("a b", "within a block or a directive"),
        ("events {}\n}", "line 2 closes a block"),
        ("a 'b;", "line 1 cannot be read"),
    ],
)
def test_what_cannot_be_understood_is_not_changed(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        without_upstream(text)


words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
quoted = st.text(st.sampled_from("ab {};#'"), max_size=8).map(lambda text: f'"{text}"')
simple = st.lists(st.one_of(words, quoted), min_size=1, max_size=4)
blank = st.sampled_from([" ", "\n", "\t ", " # a { comment; }\n"])


@settings(max_examples=60, deadline=None)
@given(made=st.lists(simple, max_size=6), space=blank, depth=st.integers(0, 3))
def test_directives_are_told_apart(made: list[list[str]], space: str, depth: int) -> None:
    text = "".join(f"{space.join(one)}{space};{space}" for one in made)
    for level in range(depth):
        text = f"block {level} {{{space}{text}}}{space}"
    found = list(directives(text))
    assert [[word.text for word in directive.words] for directive in found] == made
    assert all(text[word.start : word.end] == word.text for directive in found for word in directive.words)
    assert all(len(directive.blocks) == depth for directive in found)
