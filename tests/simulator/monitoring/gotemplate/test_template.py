"""Go's text templates: what they give, and that they can do nothing else."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.monitoring.gotemplate import Record, Template, TemplateError, go_format

DATA = {
    "Name": "db",
    "Count": 2,
    "Ratio": 0.5,
    "On": True,
    "Empty": "",
    "Map": {"b": "2", "a": "1"},
    "List": ["x", "y", "z"],
    "Record": Record("Thing", {"Inner": {"k": "v"}}, {"Twice": lambda text: text + text}),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("{{ .Name }}-{{ .Count }}-{{ .Ratio }}-{{ .On }}", "db-2-0.5-true"),
        ("a  {{- .Name -}}  b", "adbb"),
        ("a{{/* comment */}}b {{- /* trimmed */ -}} c", "ab" + "c"),
        ('{{ `raw }}` }}{{ "q\\"\\n" }}{{ \'a\' }}', 'raw }}q"\n97'),
        ("{{ $x := .Name }}{{ $x }}{{ $x = `y` }}{{ $x }}", "dby"),
        ("{{ if .Empty }}a{{ else if eq .Count 2 }}b{{ else }}c{{ end }}", "b"),
        ("{{ with .Name }}{{ . }}{{ end }}{{ with .Empty }}no{{ else }}yes{{ end }}", "dbyes"),
        ("{{ range .List }}{{ . }},{{ end }}{{ range (slice .List 0 0) }}{{ else }}none{{ end }}", "x,y,z,none"),
        ("{{ range $i, $e := .List }}{{ $i }}{{ $e }}{{ end }}", "0x1y2z"),
        ("{{ range $k, $v := .Map }}{{ $k }}={{ $v }};{{ end }}", "a=1;b=2;"),
        ("{{ range .List }}{{ if eq . `y` }}{{ continue }}{{ end }}{{ . }}{{ end }}", "xz"),
        ("{{ range .List }}{{ if eq . `y` }}{{ break }}{{ end }}{{ . }}{{ end }}", "x"),
        ('{{ define "t" }}<{{ . }}>{{ end }}{{ template "t" .Name }}', "<db>"),
        ('{{ block "b" .Count }}[{{ . }}]{{ end }}', "[2]"),
        ("{{ .Map }} {{ .List }} {{ .Map.b }} {{ .Map.missing }}|", "map[a:1 b:2] [x y z] 2 |"),
        ("{{ .Record.Inner.k }}{{ .Record.Twice `ab` }}{{ `c` | .Record.Twice }}", "vababcc"),
        ("{{ (index .List 1) }}{{ index .Map `a` }}{{ len .List }}{{ slice .Name 1 2 }}", "y13b"),
        ("{{ and .On .Name }}{{ or .Empty .Count }}{{ not .On }}", "db2false"),
        ("{{ and .Empty (index .List 99) }}|", "|"),
        ("{{ lt 1 2 }}{{ le 2.0 2.0 }}{{ gt `b` `a` }}{{ ne 1 2 }}{{ eq 1 2 1 }}", "truetruetruetruetrue"),
        ('{{ printf "%s has %d, %.1f%%" .Name .Count 12.34 }}', "db has 2, 12.3%"),
        ('{{ .Name | printf "%q" }}{{ html "<a>" }}{{ urlquery "a b" }}', '"db"&lt;a&gt;a+b'),
        ("{{ print 1 2 `x` 3 }}|{{ println .Name }}", "1 2x3|db\n"),
    ],
)
def test_a_template_gives(text, expected):
    assert Template.parse(text).render(DATA) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{", "unclosed action"),
        ("{{ .Name", "unclosed action"),
        ("{{ if .On }}", "is missing"),
        ("{{ end }}", "unexpected"),
        ("{{ $nothing }}", 'undefined variable "$nothing"'),
        ("{{ `x` | nothing }}", 'function "nothing" not defined'),
        ("{{ break }}", "outside"),
        ("{{ /* x }}", "unclosed comment|unexpected"),
        ('{{ "x }}', "unterminated"),
        ("{{ (1 }}", "unclosed left paren"),
        ("{{ }}", "missing value"),
    ],
)
def test_a_text_that_is_no_template_is_refused(text, reason):
    with pytest.raises(TemplateError, match=reason.replace("$", "\\$")):
        Template.parse(text, functions=[])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ gt .Ratio 1 }}", "incompatible types"),
        ("{{ .Name.Length }}", "can't evaluate field Length in type string"),
        ("{{ .Record.Nope }}", "can't evaluate field Nope in type Thing"),
        ("{{ index .List 7 }}", "out of range"),
        ("{{ range .Ratio }}{{ end }}", "can't iterate"),
        ('{{ template "none" }}', "not defined"),
        ('{{ define "r" }}{{ template "r" }}{{ end }}{{ template "r" }}', "depth"),
        ("{{ 1 2 }}", "non-function"),
        ("{{ len .Count }}", "len of type int"),
    ],
)
def test_rendering_fails_with_go_s_reason(text, reason):
    with pytest.raises(TemplateError, match=reason):
        Template.parse(text).render(DATA)


@pytest.mark.parametrize("text", ["{{ .Thing.secret }}", "{{ .Thing.__class__ }}", "{{ .Call.__globals__ }}"])
def test_python_objects_cannot_be_looked_into(text):
    class Thing:
        secret = "password"

    with pytest.raises(TemplateError):
        Template.parse(text).render({"Thing": Thing(), "Call": len})


@pytest.mark.parametrize(
    ("pattern", "arguments", "expected"),
    [
        ("%v %v %v", [1.0, 1e6, 123456789.0], "1 1e+06 1.23456789e+08"),
        ("%v %v %v", [0.0001, 0.00001, float("inf")], "0.0001 1e-05 +Inf"),
        ("%5d|%-5d|%05d|%+d", [42, 42, 42, 42], "   42|42   |00042|+42"),
        ("%6.2f|%e|%g", [3.14159, 1500.0, 0.1], "  3.14|1.500000e+03|0.1"),
        ("%s %q %x %t %T", ["a", "b", "hi", True, 1.5], 'a "b" 6869 true float64'),
        ("%d %s", ["hi", 3], "%!d(string=hi) %!s(int=3)"),
        ("%d %d", [1], "1 %!d(MISSING)"),
        ("%d", [1, 2], "1%!(EXTRA int=2)"),
        ("100%%%", [], "100%%!(NOVERB)"),
        ("%[2]s %[1]s", ["a", "b"], "b a"),
        ("%v", [{"b": 1, "a": [1, "x"]}], "map[a:[1 x] b:1]"),
    ],
)
def test_printf_prints_as_go_does(pattern, arguments, expected):
    assert go_format(pattern, arguments) == expected


@given(st.text(alphabet="{}-. $|()\"`'abif:=/*%d0123 \n", max_size=40))
def test_any_text_gives_a_result_or_a_template_error(text):
    with contextlib.suppress(TemplateError):
        assert isinstance(Template.parse("{{" + text + "}}").render(DATA), str)
