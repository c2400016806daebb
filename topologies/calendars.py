"""Public holidays, by country and part of it.

    {country: AT, subdivision: "9", days: [2026-12-24]}        # Vienna, and Christmas Eve

Countries are ISO 3166-1 (`AT`), their parts ISO 3166-2 without the country (`9`, `BY`, `NSW`).  The days themselves
come from the library `holidays`, which knows moved and observed ones.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from pydantic import model_validator

from timeline.findings import nearest
from topologies.fields import Model


class HolidayCalendar(Model):
    """The public holidays of a place, and days of one's own."""

    country: str | None = None
    subdivision: str | None = None
    days: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _is_known(self) -> HolidayCalendar:
        if self.country is None:
            if self.subdivision is not None:
                raise ValueError("a subdivision needs its country")
            return self
        known = _subdivisions()
        if self.country not in known:
            hint = nearest(self.country, known) or "write its ISO code, like AT"
            raise ValueError(f"there is no calendar of holidays for the country {self.country!r}; {hint}")
        parts = known[self.country]
        if self.subdivision is not None and self.subdivision not in parts:
            hint = nearest(self.subdivision, parts) or "known: " + ", ".join(parts)
            raise ValueError(f"{self.country} has no subdivision {self.subdivision!r}; {hint}")
        return self

    def __contains__(self, day: date) -> bool:
        if day in self.days:
            return True
        return self.country is not None and day in _public(self.country, self.subdivision, day.year)


@cache
def _subdivisions() -> dict[str, list[str]]:
    from holidays import list_supported_countries

    return list_supported_countries()


@cache
def _public(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    from holidays import country_holidays

    return frozenset(country_holidays(country, subdiv=subdivision, years=year))
