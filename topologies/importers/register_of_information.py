"""The DORA Register of Information as the draft of an estate: third parties, functions, and what stands on whom.

Implementing Regulation (EU) 2024/2956 gives the templates, one CSV file each in the package that goes to an authority
(`reports/b_06.01.csv`), with the codes of the columns as headings (`c0010`).  Read are

| template | for                                                       | columns                                       |
|----------|-----------------------------------------------------------|-----------------------------------------------|
| B_02.01  | annual cost of a contract                                 | 0010 contract, 0040 currency, 0050 cost       |
| B_02.02  | which function stands on whom, by which contract          | 0010, 0030 provider, 0050 function, 0060      |
|          |                                                           | service, 0080 end, 0180 reliance              |
| B_05.01  | names of providers                                        | 0010 provider, 0050 legal name                |
| B_05.02  | who supplies the suppliers                                | 0010, 0030 provider, 0050 rank, 0060 recipient|
| B_06.01  | functions: critical or important, RTO and RPO in hours    | 0010 function, 0030 name, 0050, 0080, 0090    |
| B_07.01  | whether there is an exit plan, and substitutes            | 0010, 0020 provider, 0050 substitutability,   |
|          |                                                           | 0080 exit plan, 0110 alternatives             |

A provider's service of one kind (0060) becomes a component of the provider's; a function with material or full reliance
on it depends on it, hard.  The register does not say how fast a provider responds, what a weaker reliance costs, what
MTPD a function has or how long an exit takes: nothing is made up for these, each is listed as unknown.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from timeline.findings import Finding, InputError, Place, Severity, nearest
from topologies.loading.gathering import Gathered

UNKNOWN = "register.unknown"
"""The register does not say something that an estate would state."""
DOUBTFUL = "register.doubtful"
"""The register names something that another of its templates does not have."""

REGISTER_REMARKS: dict[str, str] = {
    UNKNOWN: """A Register of Information does not say something that an estate would state.

Nothing is made up for it; the hint says what to add by hand.""",
    "register.format": """A file is no template of a Register of Information, or holds what its template does not allow.

The templates are those of Implementing Regulation (EU) 2024/2956, with the codes of the columns as headings.""",
    DOUBTFUL: """A Register of Information contradicts itself.

A template names a provider, a function or a contract that the template for these does not have.""",
}

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "b_02.01": ("c0010", "c0040", "c0050"),
    "b_02.02": ("c0010", "c0030", "c0050", "c0060", "c0080", "c0180"),
    "b_05.01": ("c0010", "c0050"),
    "b_05.02": ("c0010", "c0030", "c0050", "c0060"),
    "b_06.01": ("c0010", "c0030", "c0050", "c0080", "c0090"),
    "b_07.01": ("c0010", "c0020", "c0050", "c0080", "c0110"),
}
_NEEDED = ("b_02.02", "b_05.01", "b_06.01")
_NAME = re.compile(r"b_\d\d\.\d\d", re.IGNORECASE)
_HEADING = re.compile(r"(?:b_\d\d\.\d\d\.|c)?(\d{4})", re.IGNORECASE)

_YES, _NO = "eba_BT:x28", "eba_BT:x29"
_RELIED_ON = frozenset({"eba_ZZ:x796", "eba_ZZ:x797"})
"""Material and full reliance."""
_SUBSTITUTABILITY = {
    "eba_ZZ:x959": "not substitutable",
    "eba_ZZ:x960": "highly complex",
    "eba_ZZ:x961": "medium complexity",
    "eba_ZZ:x962": "easily substitutable",
}


@dataclass(frozen=True, slots=True)
class ProviderDraft:
    """A third party.  `monthly_fee` is a twelfth of the annual cost of its contracts; None where one is not known."""

    id: str
    code: str
    title: str
    provides: tuple[str, ...]
    monthly_fee: float | None
    relies_on: tuple[str, ...]
    exit_plan: bool | None
    """Whether there is one for every service that was assessed."""
    substitutability: str | None
    """The hardest of its services."""


@dataclass(frozen=True, slots=True)
class FunctionDraft:
    """A function.  `critical` says critical *or* important: the register does not tell them apart."""

    id: str
    code: str
    title: str
    critical: bool | None
    rto_hours: int | None
    rpo_hours: int | None
    stands_on: tuple[str, ...]
    """Components: services of providers."""


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """A service of a provider, of one kind: a component."""

    id: str
    title: str
    vendor: str


@dataclass(frozen=True, slots=True)
class RegisterDraft:
    """What a register says of an estate, and what it leaves open."""

    vendors: tuple[ProviderDraft, ...]
    functions: tuple[FunctionDraft, ...]
    services: tuple[ServiceDraft, ...]
    currency: str | None
    remarks: tuple[Finding, ...]

    def topology(self) -> dict[str, Any]:
        """As the sections of `topology.yaml`.  `response` of the vendors is missing: the register does not know it, and
        an estate cannot be played without."""
        return {
            **({"currency": self.currency} if self.currency is not None else {}),
            "vendors": {vendor.id: _vendor_data(vendor) for vendor in self.vendors},
            "components": {s.id: {"title": s.title, "kind": "external", "vendor": s.vendor} for s in self.services},
            "functions": {function.id: _function_data(function) for function in self.functions},
        }


def _vendor_data(vendor: ProviderDraft) -> dict[str, Any]:
    return {
        "title": vendor.title,
        "provides": ", ".join(vendor.provides) or "not stated",
        **({"contract": {"monthly_fee": vendor.monthly_fee}} if vendor.monthly_fee is not None else {}),
        **({"relies_on": list(vendor.relies_on)} if vendor.relies_on else {}),
    }


def _function_data(function: FunctionDraft) -> dict[str, Any]:
    criticality = {True: "important", False: "standard", None: None}[function.critical]
    known = {
        "criticality": criticality,
        "rto": None if function.rto_hours is None else f"{function.rto_hours}h",
        "rpo": None if function.rpo_hours is None else f"{function.rpo_hours}h",
    }
    return {
        "title": function.title,
        **{name: value for name, value in known.items() if value is not None},
        "supported_by": {id: {"type": "hard"} for id in function.stands_on},
    }


# Reading


@dataclass(frozen=True, slots=True)
class _Row:
    place: Place
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


def read(files: Sequence[Path], today: date | None = None) -> RegisterDraft:
    """The draft from the templates among these files (folders are searched).  Contracts that ended before `today`,
    where it is given, are left out.

    Raises InputError when a template that is needed is missing or a file cannot be read.
    """
    gathered = Gathered()
    tables: dict[str, list[_Row]] = {}
    for path in _templates(files):
        name = _NAME.findall(path.stem)[-1].lower()
        if name not in _COLUMNS:
            continue
        if name in tables:
            place = Place(str(path))
            message = f"there is already a file of the template {name.upper()}"
            gathered.add([Finding("register.format", Severity.ERROR, place, message, "give one register at a time")])
            continue
        tables[name] = gathered.attempt(partial(_rows, path, name)) or []
    if missing := [name.upper() for name in _NEEDED if name not in tables]:
        where = str(files[0]) if files else "register"
        message = f"the templates {', '.join(missing)} are missing"
        hint = "give the folder `reports` of the package, or its files b_02.02.csv, b_05.01.csv and b_06.01.csv"
        gathered.add([Finding("input.not-found", Severity.ERROR, Place(where), message, hint)])
    gathered.complete()
    reading = _Reading(tables, gathered, today)
    draft = reading.draft()
    gathered.complete()
    return draft


def _templates(files: Sequence[Path]) -> Iterator[Path]:
    for path in files:
        if path.is_dir():
            yield from (p for p in sorted(path.rglob("*")) if p.suffix.lower() == ".csv" and _NAME.search(p.stem))
        elif _NAME.search(path.stem):
            yield path
        else:
            hint = "a file of the register is named as its template, like b_06.01.csv"
            raise InputError.single("register.format", str(path), "this is no template of the register", hint)


def _rows(path: Path, name: str) -> list[_Row]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError.single("input.not-found", str(path), "there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.single("input.unreadable", str(path), f"this file cannot be read: {error}") from None
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        headings = [_heading(cell) for cell in next(reader, [])]
        if absent := [column for column in _COLUMNS[name] if column not in headings]:
            message = f"the columns {', '.join(absent)} of {name.upper()} are missing"
            hint = nearest(absent[0], [h for h in headings if h]) or "the headings are codes of columns, like c0010"
            raise InputError.single("register.format", Place(str(path), 1, 1, first), message, hint)
        return [
            _Row(Place(str(path), reader.line_num), dict(zip(headings, (c.strip() for c in cells), strict=False)))
            for cells in reader
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        message = f"this is no table: {error}"
        raise InputError.single("register.format", Place(str(path), reader.line_num), message) from None


def _heading(cell: str) -> str:
    """`c0010`, also from `B_06.01.0010`."""
    found = _HEADING.fullmatch(cell.strip())
    return "" if found is None else f"c{found.group(1)}"


# Making sense of it


class _Reading:
    """Tables of one register."""

    def __init__(self, tables: Mapping[str, list[_Row]], gathered: Gathered, today: date | None) -> None:
        self._tables = tables
        self._gathered = gathered
        self._today = today
        self._remarks: list[Finding] = []
        self._vendor_ids = _ids((row["c0010"], row["c0050"]) for row in self._of("b_05.01"))
        self._function_ids = _ids((row["c0010"], row["c0030"]) for row in self._of("b_06.01"))

    def draft(self) -> RegisterDraft:
        arrangements = [row for row in self._of("b_02.02") if self._is_known(row) and self._is_alive(row)]
        services = {(row["c0030"], row["c0060"]): self._service(row) for row in arrangements}
        stands_on: dict[str, dict[str, None]] = {}
        for row in arrangements:
            if row["c0050"] in self._function_ids and self._relies(row):
                stands_on.setdefault(row["c0050"], {})[services[row["c0030"], row["c0060"]].id] = None
        fees, currency = self._fees(arrangements)
        chains = self._chains()
        vendors = tuple(self._vendor(row, arrangements, fees, chains) for row in self._once("b_05.01"))
        functions = tuple(self._function(row, tuple(stands_on.get(row["c0010"], ()))) for row in self._once("b_06.01"))
        self._say_what_is_never_known(vendors, functions)
        return RegisterDraft(vendors, functions, tuple(services.values()), currency, tuple(self._remarks))

    def _of(self, template: str) -> list[_Row]:
        return self._tables.get(template, [])

    def _once(self, template: str) -> list[_Row]:
        """The first row of each code: a function stands there once for each entity and licensed activity."""
        first: dict[str, _Row] = {}
        for row in self._of(template):
            first.setdefault(row["c0010"], row)
        return list(first.values())

    def _is_known(self, row: _Row) -> bool:
        known = True
        if row["c0030"] not in self._vendor_ids:
            self._doubt(
                row, f"the provider {row['c0030']!r} is not in B_05.01", nearest(row["c0030"], self._vendor_ids)
            )
            known = False
        if row["c0050"] and row["c0050"] not in self._function_ids:
            hint = nearest(row["c0050"], self._function_ids)
            self._doubt(row, f"the function {row['c0050']!r} is not in B_06.01", hint)
        return known

    def _is_alive(self, row: _Row) -> bool:
        if self._today is None or not row["c0080"]:
            return True
        try:
            return date.fromisoformat(row["c0080"]) >= self._today
        except ValueError:
            message = f"{row['c0080']!r} is not a date (c0080)"
            self._gathered.add([Finding("register.format", Severity.ERROR, row.place, message, "write 2026-12-31")])
            return True

    def _relies(self, row: _Row) -> bool:
        if row["c0180"] in _RELIED_ON:
            return True
        says = f"{row['c0180']} (c0180)" if row["c0180"] else "nothing (c0180)"
        function, vendor = self._function_ids[row["c0050"]], self._vendor_ids[row["c0030"]]
        message = f"how much {function!r} loses without {vendor!r}: {says}"
        self._unknown(row.place, message, "add a soft dependency with its degradation")
        return False

    def _service(self, row: _Row) -> ServiceDraft:
        vendor, kind = self._vendor_ids[row["c0030"]], row["c0060"].removeprefix("eba_TA:") or "service"
        return ServiceDraft(f"{vendor}-{kind.lower()}", f"{kind} of {self._title(row['c0030'])}", vendor)

    def _title(self, provider: str) -> str:
        return next(row["c0050"] for row in self._of("b_05.01") if row["c0010"] == provider) or provider

    def _fees(self, arrangements: Sequence[_Row]) -> tuple[dict[str, float | None], str | None]:
        """A twelfth of the annual cost by provider, and the one currency of all costs; None where there are several."""
        costs = {row["c0010"]: row for row in self._of("b_02.01")}
        currencies = {row["c0040"].removeprefix("eba_CU:") for row in costs.values() if row["c0050"] and row["c0040"]}
        contracts: dict[str, dict[str, None]] = {}
        for row in arrangements:
            contracts.setdefault(row["c0030"], {})[row["c0010"]] = None
        fees: dict[str, float | None] = {}
        for provider, of in contracts.items():
            annual = [self._number(costs[c], "c0050", float) if c in costs else None for c in of]
            known = [cost for cost in annual if cost is not None]
            complete = len(known) == len(annual) and len(currencies) == 1
            fees[provider] = round(sum(known) / 12, 2) if complete else None
        return fees, currencies.pop() if len(currencies) == 1 else None

    def _vendor(
        self,
        row: _Row,
        arrangements: Sequence[_Row],
        fees: Mapping[str, float | None],
        chains: Mapping[str, Mapping[str, None]],
    ) -> ProviderDraft:
        code = row["c0010"]
        kinds = dict.fromkeys(r["c0060"].removeprefix("eba_TA:") for r in arrangements if r["c0030"] == code)
        assessed = [r for r in self._of("b_07.01") if r["c0020"] == code]
        plans = {r["c0080"] for r in assessed}
        hardest = min((r["c0050"] for r in assessed if r["c0050"] in _SUBSTITUTABILITY), default=None)
        return ProviderDraft(
            id=self._vendor_ids[code],
            code=code,
            title=row["c0050"] or code,
            provides=tuple(kind for kind in kinds if kind),
            monthly_fee=fees.get(code),
            relies_on=tuple(chains.get(code, ())),
            exit_plan=False if _NO in plans else True if plans == {_YES} else None,
            substitutability=None if hardest is None else _SUBSTITUTABILITY[hardest],
        )

    def _chains(self) -> dict[str, dict[str, None]]:
        """Who stands behind whom in some supply chain, by code.  Rank 1 is the direct provider itself."""
        chains: dict[str, dict[str, None]] = {}
        for row in self._of("b_05.02"):
            rank, supplier, recipient = self._number(row, "c0050", int), row["c0030"], row["c0060"]
            if rank is None or rank < 2 or supplier == recipient:
                continue
            if supplier in self._vendor_ids:
                chains.setdefault(recipient, {})[self._vendor_ids[supplier]] = None
            else:
                self._doubt(row, f"the provider {supplier!r} is not in B_05.01", nearest(supplier, self._vendor_ids))
        return chains

    def _function(self, row: _Row, stands_on: tuple[str, ...]) -> FunctionDraft:
        return FunctionDraft(
            id=self._function_ids[row["c0010"]],
            code=row["c0010"],
            title=row["c0030"] or row["c0010"],
            critical={_YES: True, _NO: False}.get(row["c0050"]),
            rto_hours=self._hours(row, "c0080"),
            rpo_hours=self._hours(row, "c0090"),
            stands_on=stands_on,
        )

    def _hours(self, row: _Row, column: str) -> int | None:
        """Whole hours; 0 stands for an objective that is not defined."""
        hours = self._number(row, column, int)
        if not hours:
            name = {"c0080": "RTO", "c0090": "RPO"}[column]
            hint = "take it from the business impact analysis"
            self._unknown(row.place, f"the {name} of {self._function_ids[row['c0010']]!r} ({column})", hint)
            return None
        return int(hours)

    def _number(self, row: _Row, column: str, kind: type[int] | type[float]) -> float | None:
        if not row[column]:
            return None
        try:
            number = kind(row[column])
            if not 0 <= number < float("inf"):
                raise ValueError
        except ValueError:
            message = f"{row[column]!r} is not a number ({column})"
            hint = "write a whole number" if kind is int else "write a number with a decimal point"
            self._gathered.add([Finding("register.format", Severity.ERROR, row.place, message, hint)])
            return None
        return number

    def _say_what_is_never_known(self, vendors: Sequence[ProviderDraft], functions: Sequence[FunctionDraft]) -> None:
        place = Place(self._of("b_05.01")[0].place.file if self._of("b_05.01") else "B_05.01")
        if vendors:
            hint = "add `response` to each vendor, from your own cases"
            self._unknown(place, f"how fast {len(vendors)} providers respond", hint)
        for vendor in vendors:
            if vendor.exit_plan:
                hint = "add `exit` with its duration, and when it was tried"
                self._unknown(place, f"how long the exit from {vendor.id!r} takes: there is a plan", hint)
        if functions:
            place = Place(self._of("b_06.01")[0].place.file)
            message = f"the MTPD and the minimum level of {len(functions)} functions"
            self._unknown(place, message, "add mtpd and minimum_level")
        for function in functions:
            if function.critical:
                message = f"whether {function.id!r} is critical or important: the register says one of both"
                self._unknown(place, message, "it is taken as important; write critical where it is")

    def _unknown(self, place: Place, message: str, hint: str) -> None:
        self._remarks.append(Finding(UNKNOWN, Severity.INFO, place, f"not known: {message}", hint))

    def _doubt(self, row: _Row, message: str, hint: str) -> None:
        self._remarks.append(Finding(DOUBTFUL, Severity.WARNING, row.place, message, hint))


def _ids(rows: Iterator[tuple[str, str]]) -> dict[str, str]:
    """An id for each code, from its name; a second one of the same name is numbered."""
    ids: dict[str, str] = {}
    for code, name in rows:
        if code in ids:
            continue
        wanted = re.sub(r"[^a-z0-9]+", "-", (name or code).lower()).strip("-")[:60] or "unnamed"
        taken, number = set(ids.values()), 2
        id = wanted
        while id in taken:
            id, number = f"{wanted}-{number}", number + 1
        ids[code] = id
    return ids
