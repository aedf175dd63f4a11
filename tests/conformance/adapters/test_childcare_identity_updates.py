"""A number that changes changes no child; a report that is withdrawn ends even unseen."""

import json
from typing import Any

import pytest

from adapters.contract import (
    Ending,
    IdentityChange,
    NumberChange,
    Part,
    ReadOptions,
    Translation,
)
from adapters.translate import translate
from tests.conformance.adapters.samples import sample, translated

ASSIGNED, REPLACED, CORRECTED, WITHDRAWN = json.loads(sample("ko_05").raw)["meldingen"]


def told(*messages: dict[str, Any]) -> Translation:
    return translated("childcare", json.dumps({"meldingen": messages}).encode())


def only_part(found: Translation) -> Part:
    (part,) = found.parts
    return part


def numbers(part: Part) -> list[tuple[str, str]]:
    return [(one.get("use", ""), one["value"]) for one in part.segments[0].resource["identifier"]]


def test_a_child_that_got_a_number_is_known_by_both() -> None:
    part = only_part(told(ASSIGNED))
    assert part.identity == IdentityChange(
        kind=NumberChange.ASSIGNED, new="24712823849", since="2024-12-20"
    )
    assert (part.subject.insz, part.subject.local) == ("24712823849", "KG-7700112")
    assert part.segments[0].resource["name"][0]["given"] == ["Aïssatou"]


def test_a_replaced_number_stays_as_the_old_one() -> None:
    part = only_part(told(REPLACED))
    assert part.identity == IdentityChange(
        kind=NumberChange.REPLACED, old="17200099714", new="17600061396", since="2025-01-08"
    )
    assert numbers(part) == [
        ("official", "17600061396"),
        ("old", "17200099714"),
        ("", "KG-6600321"),
    ]
    old = part.segments[0].resource["identifier"][1]
    assert old["period"] == {"end": "2025-01-08"}
    assert part.subject.born == "2017"


def test_a_cancelled_number_is_kept_as_old_and_the_child_is_found_by_the_agencys() -> None:
    part = only_part(
        told({**REPLACED, "soort": "INSZ_GEANNULEERD", "nieuw": None, "geboortedatum": "2017-05"})
    )
    assert part.identity == IdentityChange(
        kind=NumberChange.CANCELLED, old="17200099714", since="2025-01-08"
    )
    assert (part.subject.insz, part.subject.local) == (None, "KG-6600321")
    assert part.segments[0].flags == {"national_number"}


def test_a_report_that_never_came_is_withdrawn_all_the_same() -> None:
    found = told(WITHDRAWN)
    assert found.parts == ()
    (ended,) = found.retractions
    assert (ended.key, ended.ending) == ("report/KR-2023-880455", Ending.WITHDRAWN)
    assert (ended.asserted_at, ended.version) == ("v999999999", "2025-01-10T08:30:00+01:00")
    assert ended.subject
    assert ended.subject.local == "KG-5500777"


def test_a_withdrawal_names_the_report_that_came_before_it() -> None:
    found = told({**WITHDRAWN, "rapportId": "KR-2024-900077"})
    report = translated("childcare", sample("ko_04").raw)
    keys = [one.key for one in only_part(report).segments]
    assert found.retractions[0].key in keys
    own = [key for key in keys if not key.startswith("organization/")]
    assert all(f"{key}/".startswith(f"{found.retractions[0].key}/") for key in own)


@pytest.mark.parametrize(
    ("message", "changes", "code"),
    [
        (ASSIGNED, {"nieuw": "24712823848"}, "insz-invalid"),
        (ASSIGNED, {"nieuw": None}, "missing-field"),
        (REPLACED, {"oud": None}, "missing-field"),
        (REPLACED, {"tijdstip": None}, "date-invalid"),
        (REPLACED, {"soort": "INSZ_GERAADPLEEGD"}, "unknown-code"),
        (REPLACED, {"soort": None}, "missing-field"),
        (CORRECTED, {"rapport": None}, "missing-field"),
        (CORRECTED, {"vervangt": {"rapportId": "KR-1", "versie": 1}}, "replaces-another"),
        (WITHDRAWN, {"rapportId": None}, "missing-field"),
    ],
)
def test_a_message_that_cannot_be_obeyed_is_refused_and_the_others_are(
    message: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    found = told({**message, **changes}, ASSIGNED)
    assert found.rejections[0].code == code
    assert found.rejections[0].where.startswith("$.meldingen[0]")
    assert (len(found.parts), found.retractions) == (1, ())


def test_test_numbers_change_nobody_unless_they_are_allowed() -> None:
    found = translate("childcare", sample("ko_05").raw, ReadOptions())
    assert isinstance(found, Translation)
    assert [part.identity for part in found.parts] == []


def test_a_key_never_holds_a_national_number() -> None:
    part = only_part(told({**REPLACED, "lokaalId": None}))
    assert not any("17200099714" in one.key or "17600061396" in one.key for one in part.segments)
