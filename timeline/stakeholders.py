"""What kind of people hear something (ISO 22301:2019, 7.4: with whom to communicate)."""

from __future__ import annotations

from typing import Literal

Stakeholders = Literal["executives", "staff", "customers", "partners", "authorities", "public"]

OUTSIDE: frozenset[str] = frozenset({"customers", "partners", "public"})
"""Whoever hears what was not meant for them: texts to these are held against the disclosure policy."""
