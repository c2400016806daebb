"""How numbers are written for people: a value with its unit, a moment on both clocks."""

from __future__ import annotations

from datetime import datetime

from reports.measures.measure import Unit
from timeline.instants import SECOND, format_clock, to_wall


def write_value(value: float, unit: Unit, *, at_least: bool = False) -> str:
    """A value of a measure: `2 h 14 min`, `83 %`, `3`.  `at_least` marks one that was still growing."""
    text = _write(value, unit)
    return f"over {text}" if at_least and unit in (Unit.SECONDS, Unit.CURRENCY) else text


def write_seconds(seconds: float) -> str:
    """Whole seconds, from a day on whole minutes, cut as a clock cuts: `45 s`, `2 h 0 min 38 s`, `3 d 4 h`."""
    whole = int(abs(seconds))
    sign = "\N{MINUS SIGN}" if seconds < 0 and whole else ""
    if whole == 0 and seconds:
        return f"{abs(seconds):.1f} s"
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (0 if days else left, "s")]
    while parts and not parts[0][0]:
        parts.pop(0)
    while parts and not parts[-1][0]:
        parts.pop()
    return sign + (" ".join(f"{n} {name}" for n, name in parts) or "0 s")


def write_ms(ms: int) -> str:
    return write_seconds(ms / SECOND)


def first_and_last(evidence: tuple[int, ...], most: int = 6) -> tuple[tuple[int, ...], bool]:
    """Numbers of events as they are cited: of more than `most` the first ones and the last; and whether some are left
    out."""
    if len(evidence) <= most:
        return evidence, False
    return (*evidence[: most - 1], evidence[-1]), True


def write_wall(at_ms: int, epoch: datetime) -> str:
    """Wall-clock time in the zone of the epoch: `02:19:30` on the day of the epoch, with the date on other days."""
    moment = to_wall(at_ms, epoch)
    return f"{moment:%H:%M:%S}" if moment.date() == epoch.date() else f"{moment:%d %b %H:%M:%S}"


def write_moment(at_ms: int, epoch: datetime) -> str:
    """Exercise time and wall clock: `+00:09:30 (02:19:30)`."""
    return f"{format_clock(at_ms)} ({write_wall(at_ms, epoch)})"


def _write(value: float, unit: Unit) -> str:
    match unit:
        case Unit.SECONDS:
            return write_seconds(value)
        case Unit.RATIO:
            return f"{value * 100:.0f} %" if abs(value * 100 - round(value * 100)) < 0.05 else f"{value * 100:.1f} %"
        case Unit.CURRENCY:
            return f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        case Unit.COUNT:
            return f"{value:,.10g}".replace(",", "\N{NARROW NO-BREAK SPACE}") if value < 1e6 else f"{value:.4g}"
