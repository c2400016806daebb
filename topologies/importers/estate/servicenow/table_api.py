"""ServiceNow's Table API: tables page by page, and one field written back.

Pages are asked for with `sysparm_limit` and `sysparm_offset`; the next one is named by the `Link` header, where it
leads to the same instance, else it begins after the records of this one, until `X-Total-Count` is reached or a page is
empty.
Access rules may take records out of a page, so a short page is not the last one.

Credentials come from the environment and from nowhere else: `SERVICENOW_TOKEN`, or `SERVICENOW_USER` and
`SERVICENOW_PASSWORD`.  They are sent to the instance that the user named only: no redirect is followed, and not over
plain HTTP unless the instance is this machine.
"""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPMessage
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from timeline.findings import InputError, Place
from topologies.importers.estate.files import MAX_EXPORT_BYTES
from topologies.importers.estate.servicenow.records import Record, record_of

TABLES = {
    "cmdb_ci": "sys_id,name,sys_class_name,install_status,operational_status,duplicate_of,location,support_group,"
    "assignment_group,managed_by_group,busines_criticality,life_cycle_stage",
    "cmdb_rel_ci": "sys_id,parent,child,type",
}
"""What is fetched, with its fields."""
PAGE = 1000
_TIMEOUT_S = 60
_TRIES = 3
_LONGEST_WAIT_S = 60
_NEXT = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def is_url(source: str) -> bool:
    return source.startswith(("http://", "https://"))


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would carry the credentials to somewhere that nobody named."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True)
class Instance:
    """An instance by its URL, with what proves who asks."""

    url: str
    authorisation: str | None = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    opener: OpenerDirector = field(default_factory=lambda: build_opener(_NoRedirect), repr=False)

    @classmethod
    def named(cls, url: str, environment: Mapping[str, str] = os.environ) -> Instance:
        """Raises InputError for a URL that is none, or that credentials must not be sent to."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            hint = "write it as https://example.service-now.com"
            raise InputError.single("input.option", url, "this is not the URL of an instance", hint)
        if parts.username or parts.password:
            hint = "put them into SERVICENOW_USER and SERVICENOW_PASSWORD"
            raise InputError.single("input.option", parts.hostname, "a URL is no place for credentials", hint)
        authorisation = _authorisation(environment)
        if authorisation and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            message = "credentials are not sent over plain HTTP"
            raise InputError.single("input.option", url, message, "use https://")
        return cls(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", authorisation)

    def records(self, table: str, fields: str, page: int = PAGE) -> Iterator[Record]:
        """All records of a table, in the order of their sys_id.

        Raises InputError when the instance does not answer, or gives the same page again.
        """
        offset = 0
        seen: set[str] = set()
        query = {
            "sysparm_fields": fields,
            "sysparm_display_value": "all",
            "sysparm_exclude_reference_link": "true",
            "sysparm_query": "ORDERBYsys_id",
            "sysparm_limit": str(page),
        }
        base = f"{self.url}/api/now/table/{quote(table, safe='')}"
        url: str | None = f"{base}?{urlencode({**query, 'sysparm_offset': '0'})}"
        while url is not None:
            answer, headers = self._ask("GET", url)
            rows = answer.get("result")
            if not isinstance(rows, list):
                raise InputError.single(
                    "estate.fetch", url, "the answer holds no list of records", "is this an instance?"
                )
            page_of = [record_of(Place(f"{base}#{offset + number}"), row) for number, row in enumerate(rows)]
            ids = {record["sysid"].stored for record in page_of}
            if ids and ids <= seen:
                raise InputError.single("estate.fetch", url, "the instance gives the same records again and again")
            seen |= ids
            yield from page_of
            offset += page
            following = f"{base}?{urlencode({**query, 'sysparm_offset': str(offset)})}"
            url = self._next(url, following, headers, offset, empty=not rows)

    def patch(self, table: str, sys_id: str, fields: Mapping[str, str]) -> Record:
        """Writes fields of one record, and gives the record as it is then."""
        url = f"{self.url}/api/now/table/{quote(table, safe='')}/{quote(sys_id, safe='')}?sysparm_display_value=all"
        answer, _ = self._ask("PATCH", url, json.dumps(dict(fields)).encode())
        return record_of(Place(url), answer.get("result"))

    def _next(self, url: str, following: str, headers: HTTPMessage, offset: int, *, empty: bool) -> str | None:
        link = _NEXT.search(", ".join(headers.get_all("Link") or []))
        if link is not None:
            named = urljoin(url, link.group(1))
            same = urlsplit(named)[:2] == urlsplit(url)[:2]
            return (named if named != url else None) if same else following
        total = headers.get("X-Total-Count", "")
        if total.isdigit():
            return following if offset < int(total) else None
        return None if empty else following

    def _ask(self, method: str, url: str, body: bytes | None = None) -> tuple[dict[str, Any], HTTPMessage]:
        headers = {"Accept": "application/json", "User-Agent": "blackstart"}
        if self.authorisation:
            headers["Authorization"] = self.authorisation
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = Request(url, data=body, headers=headers, method=method)
        for attempt in range(_TRIES):
            try:
                with self.opener.open(request, timeout=_TIMEOUT_S) as response:
                    return _object(response.read(MAX_EXPORT_BYTES), url), response.headers
            except HTTPError as error:
                wait = error.headers.get("Retry-After", "5")
                if error.code in (429, 503) and attempt + 1 < _TRIES:
                    self.sleep(min(float(wait) if wait.isdigit() else 5.0, _LONGEST_WAIT_S))
                    continue
                raise _refused(url, error) from None
            except (URLError, HTTPException, OSError) as error:
                reason = getattr(error, "reason", error)
                raise InputError.single("estate.fetch", url, f"the instance cannot be reached: {reason}") from None
        raise AssertionError("the last try returns or raises")


def fetch_records(url: str) -> list[Record]:
    """CIs and relationships of an instance."""
    instance = Instance.named(url)
    return [record for table, fields in TABLES.items() for record in instance.records(table, fields)]


def _authorisation(environment: Mapping[str, str]) -> str | None:
    if token := environment.get("SERVICENOW_TOKEN"):
        return f"Bearer {token}"
    user, password = environment.get("SERVICENOW_USER"), environment.get("SERVICENOW_PASSWORD")
    if user and password:
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    return None


def _refused(url: str, error: HTTPError) -> InputError:
    hints = {
        401: "set SERVICENOW_TOKEN, or SERVICENOW_USER and SERVICENOW_PASSWORD",
        403: "the account may not read or write this table",
        404: "is this the URL of an instance, and does the record exist?",
    }
    hint = (
        "redirects are not followed: name the instance itself" if 300 <= error.code < 400 else hints.get(error.code, "")
    )
    return InputError.single("estate.fetch", url, f"the instance answered {error.code} {error.reason}", hint)


def _object(raw: bytes, url: str) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise InputError.single(
            "estate.fetch", url, "the answer is not a JSON object", "is this the URL of an instance?"
        )
    return answer
