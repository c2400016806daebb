"""What the findings of the exercise programme mean, for `blackstart explain`."""

from __future__ import annotations

PROGRAMME_FINDINGS: dict[str, str] = {
    "programme.outside-period": """An exercise is planned for a day that is not in the period of its programme.

It would be due when nobody looks at this programme any more.""",
    "programme.incomplete": """A run that broke off cannot be recorded as an exercise that was held.

Its timeline has no end, so what it left open may have gone either way.""",
    "programme.type": """The type of exercise does not fit the evidence.

The records of a real incident are no exercise and have no type; everything else has one of the seven that HSEEP names.
People around a modelled run discuss it, so that it can be a seminar, a workshop, a tabletop or a game, and nothing in
which anybody did anything.""",
    "programme.record": """Something that is said of a held exercise cannot be kept.

Its name is an id, as in the programme: lower-case letters, digits, dot, dash and underscore.  Teams that attended and
who attests it belong together: neither is evidence without the other.""",
    "programme.recorded-already": """This run, by the hash of its timeline, is in the register already.

One run is evidence once, whatever it is called.""",
    "programme.unknown-team": """A team that is said to have attended is not in the organisation that was exercised.""",
}
