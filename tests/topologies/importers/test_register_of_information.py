"""The Register of Information as a draft: small registers of our own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from timeline.findings import InputError
from topologies.estate import Estate
from topologies.importers.register_of_information import DOUBTFUL, UNKNOWN, RegisterDraft, read

REGISTER = {
    "b_02.01": """c0010,c0020,c0030,c0040,c0050
C-1,eba_CO:x1,,eba_CU:EUR,120000
C-2,eba_CO:x1,,eba_CU:EUR,6000.6
""",
    "b_02.02": """c0010,c0020,c0030,c0040,c0050,c0060,c0070,c0080,c0180
C-1,LEI1,P-CLOUD,eba_qCO:qx2000,F1,eba_TA:S17,2024-01-01,9999-12-31,eba_ZZ:x797
C-1,LEI1,P-CLOUD,eba_qCO:qx2000,F2,eba_TA:S17,2024-01-01,9999-12-31,eba_ZZ:x796
C-1,LEI1,P-CLOUD,eba_qCO:qx2000,F2,eba_TA:S19,2024-01-01,9999-12-31,eba_ZZ:x795
C-2,LEI1,P-LINES,eba_qCO:qx2000,F1,eba_TA:S10,2024-01-01,2026-01-31,eba_ZZ:x797
""",
    "b_05.01": """c0010,c0020,c0050
P-CLOUD,eba_qCO:qx2000,Example Cloud S.A.
P-LINES,eba_qCO:qx2000,Lines & Carriers
P-DEEP,eba_qCO:qx2000,Deep Cooling
""",
    "b_05.02": """c0010,c0020,c0030,c0040,c0050,c0060,c0070
C-1,eba_TA:S17,P-CLOUD,eba_qCO:qx2000,1,,
C-1,eba_TA:S17,P-DEEP,eba_qCO:qx2000,2,P-CLOUD,eba_qCO:qx2000
""",
    "b_06.01": """c0010,c0020,c0030,c0040,c0050,c0060,c0070,c0080,c0090,c0100
F1,eba_TA:x1,Instant payments,LEI1,eba_BT:x28,,2025-01-01,2,1,eba_ZZ:x793
F2,eba_TA:x1,Reporting,LEI1,eba_BT:x29,,2025-01-01,0,24,eba_ZZ:x791
F1,eba_TA:x1,Instant payments,LEI2,eba_BT:x28,,2025-01-01,2,1,eba_ZZ:x793
""",
    "b_07.01": """c0010,c0020,c0030,c0040,c0050,c0060,c0070,c0080,c0090,c0100,c0110
C-1,P-CLOUD,eba_qCO:qx2000,eba_TA:S17,eba_ZZ:x960,,2025-01-01,eba_BT:x28,,,eba_BT:x29
C-1,P-CLOUD,eba_qCO:qx2000,eba_TA:S19,eba_ZZ:x962,,2025-01-01,eba_BT:x28,,,eba_BT:x28
""",
}


def written(folder: Path, **changes: str | None) -> list[Path]:
    """The register with some templates written otherwise (`b_02_01`), or left out."""
    texts = {**REGISTER, **{name[:4] + "." + name[5:]: text for name, text in changes.items()}}
    files = []
    for name, text in texts.items():
        if text is not None:
            files.append(folder / f"{name}.csv")
            files[-1].write_text(text, encoding="utf-8")
    return files


@pytest.fixture
def draft(tmp_path: Path) -> RegisterDraft:
    return read(written(tmp_path))


def test_providers_with_names_costs_and_suppliers(draft: RegisterDraft) -> None:
    cloud, lines, deep = draft.vendors
    assert (cloud.id, cloud.title, cloud.monthly_fee) == ("example-cloud-s-a", "Example Cloud S.A.", 10_000)
    assert (cloud.provides, cloud.relies_on) == (("S17", "S19"), ("deep-cooling",))
    assert (cloud.exit_plan, cloud.substitutability) == (True, "highly complex")
    assert (lines.monthly_fee, lines.exit_plan, lines.substitutability) == (500.05, None, None)
    assert (deep.monthly_fee, deep.provides) == (None, ())
    assert draft.currency == "EUR"


def test_functions_with_objectives_and_what_they_stand_on(draft: RegisterDraft) -> None:
    payments, reporting = draft.functions
    assert (payments.critical, payments.rto_hours, payments.rpo_hours) == (True, 2, 1)
    assert payments.stands_on == ("example-cloud-s-a-s17", "lines-carriers-s10")
    assert (reporting.critical, reporting.rto_hours, reporting.rpo_hours) == (False, None, 24)
    assert reporting.stands_on == ("example-cloud-s-a-s17",), "a weak reliance is no hard dependency"


def test_what_is_not_known_is_listed_where_it_would_stand(draft: RegisterDraft) -> None:
    unknown = [(r.place.line, r.message) for r in draft.remarks if r.id == UNKNOWN]
    assert (3, "not known: the RTO of 'reporting' (c0080)") in unknown
    assert any("loses without 'example-cloud-s-a': eba_ZZ:x795 (c0180)" in text for _, text in unknown)
    assert any("how fast 3 providers respond" in text for _, text in unknown)
    assert any("critical or important" in text for _, text in unknown)


def test_contracts_that_have_ended_are_left_out(tmp_path: Path) -> None:
    files = written(tmp_path)
    payments, _ = read(files, date(2026, 2, 1)).functions
    assert payments.stands_on == ("example-cloud-s-a-s17",)
    assert len(read(files, date(2026, 1, 31)).functions[0].stands_on) == 2


def test_the_draft_becomes_an_estate_once_the_response_is_added(draft: RegisterDraft) -> None:
    data = draft.topology()
    for vendor in data["vendors"].values():
        assert "response" not in vendor, "nothing is made up"
        vendor["response"] = "1h"
    estate = Estate.model_validate({"format": "blackstart/estate/1", "title": "t", "timezone": "UTC", **data})
    assert estate.functions["instant-payments"].rto == 7_200_000
    assert estate.vendors["example-cloud-s-a"].relies_on == ("deep-cooling",)


def test_a_folder_semicolons_a_byte_order_mark_and_full_codes_are_read(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    written(tmp_path / "reports")
    other = "\ufeff" + REGISTER["b_05.01"].replace(",", ";").replace("c00", "B_05.01.00")
    (tmp_path / "reports" / "b_05.01.csv").rename(tmp_path / "reports" / "B_05.01.CSV")
    (tmp_path / "reports" / "B_05.01.CSV").write_text(other, encoding="utf-8")
    assert read([tmp_path]).vendors[0].title == "Example Cloud S.A."


@pytest.mark.parametrize(
    ("template", "right", "wrong", "message", "line"),
    [
        ("b_06.01", "2025-01-01,2,1", "2025-01-01,two,1", "'two' is not a number (c0080)", 2),
        ("b_02.01", "6000.6", '"6.000,6"', "'6.000,6' is not a number (c0050)", 3),
        ("b_02.01", "6000.6", "-1", "'-1' is not a number (c0050)", 3),
        ("b_05.02", ",2,P-CLOUD", ",second,P-CLOUD", "'second' is not a number (c0050)", 3),
        ("b_05.01", "c0050", "c0055", "the columns c0050 of B_05.01 are missing", 1),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(
    tmp_path: Path, template: str, right: str, wrong: str, message: str, line: int
) -> None:
    changed = {template.replace(".", "_"): REGISTER[template].replace(right, wrong, 1)}
    with pytest.raises(InputError) as refused:
        read(written(tmp_path, **changed), date(2026, 1, 1))
    assert [(f.message, f.place.line) for f in refused.value.findings] == [(message, line)]


def test_a_template_that_is_needed_is_missed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the templates B_06\.01 are missing"):
        read(written(tmp_path, b_06_01=None))


def test_a_date_that_is_none_is_refused_where_dates_matter(tmp_path: Path) -> None:
    files = written(tmp_path, b_02_02=REGISTER["b_02.02"].replace("2026-01-31", "31.01.2026"))
    assert read(files).functions
    with pytest.raises(InputError, match=r"'31\.01\.2026' is not a date"):
        read(files, date(2026, 1, 1))


def test_names_that_lead_nowhere_are_said_and_left_out(tmp_path: Path) -> None:
    found = read(written(tmp_path, b_02_02=REGISTER["b_02.02"].replace("P-LINES", "P-LINE")))
    (doubt,) = [remark for remark in found.remarks if remark.id == DOUBTFUL]
    assert (doubt.place.line, doubt.message) == (5, "the provider 'P-LINE' is not in B_05.01")
    assert "P-LINES" in doubt.hint
    assert found.functions[0].stands_on == ("example-cloud-s-a-s17",)


def test_a_file_that_is_no_template_is_refused(tmp_path: Path) -> None:
    (tmp_path / "register.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no template of the register"):
        read([tmp_path / "register.csv"])


def test_providers_of_one_name_are_told_apart(tmp_path: Path) -> None:
    text = REGISTER["b_05.01"].replace("Deep Cooling", "Lines & Carriers")
    assert [v.id for v in read(written(tmp_path, b_05_01=text)).vendors][1:] == ["lines-carriers", "lines-carriers-2"]
