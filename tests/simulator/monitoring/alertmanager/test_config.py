"""Reading configurations: what is refused, where it says so, and what it warns of."""

from datetime import datetime

import pytest

from simulator.monitoring.alertmanager import Matcher, MatchType, config_findings, parse_matchers
from tests.simulator.monitoring.alertmanager.configs import config
from timeline.findings import InputError

HEAD = "receivers: [{name: a}, {name: b}]\n"
WATCHED = '    - {receiver: b, matchers: [alertname="Watchdog"]}\n'

NAMED = "\ntime_intervals: [{name: n}]"
TIMED = HEAD + "route: {receiver: a}\ntime_intervals:\n- name: n\n  time_intervals:\n  - "

REFUSED = [
    # what is wrong, the file, line, words of the message or its hint
    ("no route", HEAD, 1, "route"),
    ("no receiver at the root", HEAD + "route: {group_by: [x]}", 2, "must name a receiver"),
    ("unknown receiver", HEAD + "route:\n  receiver: aa", 3, "did you mean 'a'"),
    ("unknown receiver below", HEAD + "route:\n  receiver: a\n  routes:\n  - receiver: c", 5, "'c' is not defined"),
    ("receiver twice", "receivers: [{name: a}, {name: a}]\nroute: {receiver: a}", 1, "given twice"),
    ("matchers at the root", HEAD + 'route: {receiver: a, matchers: [x="y"]}', 2, "must not have matchers"),
    ("continue at the root", HEAD + "route: {receiver: a, continue: true}", 2, "continue"),
    ("mute times at the root", HEAD + "route: {receiver: a, mute_time_intervals: [n]}" + NAMED, 2, "time intervals"),
    ("misspelt field", HEAD + "route:\n  receiver: a\n  group_waite: 1s", 4, "did you mean 'group_wait'"),
    ("a fraction", HEAD + "route:\n  receiver: a\n  group_wait: 1.5s", 4, "not a duration"),
    ("no unit", HEAD + "route:\n  receiver: a\n  group_wait: 30", 4, "not a duration"),
    ("units in the wrong order", HEAD + "route:\n  receiver: a\n  group_wait: 5s1m", 4, "not a duration"),
    ("no interval", HEAD + "route:\n  receiver: a\n  group_interval: 0s", 4, "cannot be zero"),
    ("all labels and one more", HEAD + "route:\n  receiver: a\n  group_by: [..., x]", 3, "wildcard"),
    ("a label twice", HEAD + "route:\n  receiver: a\n  group_by: [x, x]", 3, "twice"),
    ("no label name", HEAD + "route:\n  receiver: a\n  routes:\n  - match: {a-b: c}", 5, "label name"),
    ("no operator", HEAD + "route:\n  receiver: a\n  routes:\n  - matchers:\n    - severity", 6, "not a matcher"),
    ("quote left open", HEAD + "route:\n  receiver: a\n  routes:\n  - matchers:\n    - 'a=\"b'", 6, "no closing"),
    ("bad expression", HEAD + "route:\n  receiver: a\n  routes:\n  - matchers:\n    - 'a=~\"*\"'", 6, "to repeat"),
    ("look-ahead", HEAD + "route:\n  receiver: a\n  routes:\n  - matchers:\n    - 'a=~\"(?=b)\"'", 6, "Perl syntax"),
    ("unknown kind", "receivers:\n- name: a\n  slak_configs: []\nroute: {receiver: a}", 3, "'slack_configs'"),
    ("unknown setting", "receivers:\n- name: a\n  webhook_configs:\n  - urll: x\nroute: {receiver: a}", 4, "'url'"),
    ("unknown interval", HEAD + "route:\n  receiver: a\n  routes:\n  - mute_time_intervals: [x]", 5, "not defined"),
    ("no such day", TIMED + "weekdays: [mon]", 6, "weekday"),
    ("days backwards", TIMED + "weekdays: ['monday:sunday']", 6, "before it begins"),
    ("no such zone", TIMED + "location: Europe/Zuric", 6, "Europe/Zurich"),
    ("over midnight", TIMED + "times: [{start_time: '22:00', end_time: '06:00'}]", 6, "24:00"),
    ("day 0", TIMED + "days_of_month: ['0']", 6, "day of the month"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused_with_its_place(text: str, line: int, words: str) -> None:
    with pytest.raises(InputError) as refused:
        config(text)
    [finding] = refused.value.findings
    assert words in finding.message + " " + finding.hint
    assert finding.place.line == line


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        config(HEAD + "route:\n  receiver: c\n  routes:\n  - {receiver: d}\n  - {mute_time_intervals: [e]}")
    assert len(refused.value.findings) == 3


UNREACHABLE = "route.unreachable"
WARNED = [
    ("shadowed", '    - {receiver: b, matchers: [x="1"]}\n    - {receiver: b, matchers: [x="1", y="2"]}', UNREACHABLE),
    ("contradiction", '    - {receiver: b, matchers: [x="1", x!="1"]}', UNREACHABLE),
    ("contradiction with above", '    - {receiver: b, matchers: [x="1"], routes: [{matchers: [x="2"]}]}', UNREACHABLE),
    ("repeat too short", "    - {receiver: b, match: {x: y}, repeat_interval: 1m}", "interval.repeat-below-group"),
    ("repeat too long", "    - {receiver: b, match: {x: y}, repeat_interval: 1w}", "interval.repeat-beyond-retention"),
]  # fmt: skip


@pytest.mark.parametrize(("routes", "id"), [case[1:] for case in WARNED], ids=[case[0] for case in WARNED])
def test_weak_spots_of_routes(routes: str, id: str) -> None:
    text = HEAD + "route:\n    receiver: a\n    routes:\n" + WATCHED + routes
    assert [finding.id for finding in config_findings(config(text))] == [f"alertmanager.{id}"]


@pytest.mark.parametrize(
    "routes",
    [
        '    - {receiver: b, matchers: [x="1"], continue: true}\n    - {receiver: b, matchers: [x="1", y="2"]}',
        '    - {receiver: b, matchers: [x=~"1|2", x!="1"]}',
        '    - {receiver: b, matchers: [x="1"], routes: [{matchers: [x=~"1|3"]}]}',
    ],
)
def test_siblings_of_weak_spots_are_sound(routes: str) -> None:
    text = HEAD + "route:\n    receiver: a\n    routes:\n" + WATCHED + routes
    assert config_findings(config(text)) == []


SOUND = HEAD + "route:\n    receiver: a\n    routes:\n" + WATCHED


@pytest.mark.parametrize(
    ("rule", "never"),
    [
        ('{source_matchers: [a="1"], target_matchers: [a="1"]}', True),
        ('{source_matchers: [a="1"], target_matchers: [a="2"], equal: [a]}', True),
        ('{source_matchers: [a="1", a="2"], target_matchers: [b="1"]}', True),
        ('{source_matchers: [a="1"], target_matchers: [a="2"], equal: [b]}', False),
        ('{source_matchers: [a="1"], target_matchers: [a=~"1|2"], equal: [a]}', False),
    ],
)
def test_inhibitions_that_never_match(rule: str, never: bool) -> None:
    ids = [finding.id for finding in config_findings(config(f"{SOUND}inhibit_rules: [{rule}]"))]
    assert ids == (["alertmanager.inhibition.never"] if never else [])


def test_receivers_and_dead_mans_switch() -> None:
    text = "receivers: [{name: a, slack_configs: [{channel: x}]}, {name: b}]\nroute: {receiver: a}"
    assert {finding.id for finding in config_findings(config(text))} == {
        "alertmanager.receiver.incomplete",
        "alertmanager.receiver.unused",
        "alertmanager.dead-mans-switch.none",
    }


def test_bare_names_swallow_where_another_receiver_has_an_integration() -> None:
    receivers = config("receivers: [{name: a, webhook_configs: [{url: u}]}, {name: b}]\nroute: {receiver: a}").receivers
    assert [len(receivers[name].integrations) for name in "ab"] == [1, 0]


def test_what_each_kind_does_by_default_with_resolved_alerts() -> None:
    kinds = "webhook_configs: [{}], email_configs: [{}], pagerduty_configs: [{}]"
    kinds += ", slack_configs: [{}, {send_resolved: true}]"
    receiver = config(f"receivers: [{{name: a, {kinds}}}]\nroute: {{receiver: a}}").receivers["a"]
    assert {integration.name: integration.send_resolved for integration in receiver.integrations} == {
        "webhook[0]": True,
        "email[0]": False,
        "pagerduty[0]": True,
        "slack[0]": False,
        "slack[1]": True,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b", [("a", "=", "b")]),
        ('{a="b", c!~"d.*",}', [("a", "=", "b"), ("c", "!~", "d.*")]),
        ('a="x,y"', [("a", "=", "x,y")]),
        (r'a="say \"hi\", you"', [("a", "=", 'say "hi", you')]),
        (r'a="C:\dir\\new\n"', [("a", "=", "C:\\dir\\new\n")]),
        ("  a  =~  b|c  ", [("a", "=~", "b|c")]),
        ("a=", [("a", "=", "")]),
        ("", []),
    ],
)
def test_matchers_are_read_as_alertmanager_reads_them(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert parse_matchers(text) == [Matcher(name, MatchType(operator), value) for name, operator, value in expected]


INTERVALS = [
    # an item of time_intervals, a moment, whether it holds
    ("{times: [{start_time: '09:00', end_time: '17:00'}]}", "2026-03-02T09:00+00:00", True),
    ("{times: [{start_time: '09:00', end_time: '17:00'}]}", "2026-03-02T17:00+00:00", False),
    ("{times: [{start_time: '22:00', end_time: '24:00'}]}", "2026-03-02T23:59:59+00:00", True),
    ("{weekdays: ['monday:friday']}", "2026-03-06T23:59+00:00", True),
    ("{weekdays: ['monday:friday']}", "2026-03-07T00:00+00:00", False),
    ("{weekdays: [sunday]}", "2026-03-08T12:00+00:00", True),
    ("{days_of_month: ['-1']}", "2026-02-28T12:00+00:00", True),
    ("{days_of_month: ['-1']}", "2028-02-28T12:00+00:00", False),
    ("{days_of_month: ['-1']}", "2028-02-29T12:00+00:00", True),
    ("{days_of_month: ['29:31']}", "2026-02-28T12:00+00:00", False),
    ("{days_of_month: ['25:31']}", "2026-02-28T12:00+00:00", True),
    ("{months: ['december', '1:2']}", "2026-02-01T00:00+00:00", True),
    ("{months: ['december', '1:2']}", "2026-03-01T00:00+00:00", False),
    ("{years: ['2024:2026']}", "2026-12-31T23:59+00:00", True),
    ("{years: ['2024:2026']}", "2027-01-01T00:00+00:00", False),
    ("{weekdays: [monday], location: Asia/Tokyo}", "2026-03-01T15:00+00:00", True),
    ("{weekdays: [monday], location: Asia/Tokyo}", "2026-03-01T14:59+00:00", False),
    ("{times: [{start_time: '09:00', end_time: '10:00'}], location: Asia/Kolkata}", "2026-03-01T03:30+00:00", True),
    ("{times: [{start_time: '09:00', end_time: '10:00'}], location: Europe/Zurich}", "2026-03-30T07:00+00:00", True),
    ("{times: [{start_time: '09:00', end_time: '10:00'}], location: Europe/Zurich}", "2026-03-27T07:00+00:00", False),
]  # fmt: skip


@pytest.mark.parametrize(("item", "moment", "holds"), INTERVALS)
def test_time_intervals(item: str, moment: str, holds: bool) -> None:
    loaded = config(f"{SOUND}time_intervals: [{{name: n, time_intervals: [{item}]}}]")
    [interval] = loaded.time_intervals["n"]
    assert interval.contains(datetime.fromisoformat(moment)) is holds
