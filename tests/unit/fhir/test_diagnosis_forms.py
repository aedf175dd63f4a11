"""Each way in which a diagnosis stands or ends has its own form, and a Provenance that fits."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import fhirkit
import pytest

from adapters.contract import dump
from gateway.fhir.diagnosis import diagnoses, why_ended
from gateway.fhir.diagnosis_forms import (
    disputing,
    ended,
    in_error,
    leading,
    refuted,
    statement_behind,
)
from gateway.fhir.diagnosis_provenance import ending, for_reader, provenance, simple
from gateway.fhir.diagnosis_task import Asked, task_resource
from gateway.fhir.statement import REPLACES, Assertion, Standing, name_of_author
from gateway.fhir.validate import validate
from tests.unit.fhir.test_diagnosis import (
    ATTENTION,
    ATTENTION_COPIED,
    AUTISM,
    LANGUAGE_2023,
    LANGUAGE_2024,
    REFUTED,
    statement,
    wrong,
)

TARGET = UUID(int=99)
AT = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
LANGUAGE = diagnoses([LANGUAGE_2023, LANGUAGE_2024])[0]
SUBJECT = {"subject": {"reference": "Patient/1"}}


def tags(condition: dict[str, Any]) -> list[str]:
    return [one["code"] for one in condition["meta"]["tag"]]


def valid(resource: dict[str, Any]) -> bool:
    return validate(resource) == () and fhirkit.validate(dump(resource)) == []


def test_the_leading_diagnosis_keeps_its_authors_words_and_says_whether_it_is_confirmed() -> None:
    proposed, confirmed = leading(LANGUAGE, confirmed=False), leading(LANGUAGE, confirmed=True)
    assert tags(proposed) == ["leading", "proposed"]
    assert tags(confirmed) == ["leading", "confirmed"]
    for name in ("code", "recordedDate", "verificationStatus", "clinicalStatus", "recorder"):
        assert proposed[name] == LANGUAGE_2024.content[name]


def test_it_names_the_statement_behind_it_and_the_one_it_replaces() -> None:
    content = leading(LANGUAGE, confirmed=False)
    assert statement_behind(content) == LANGUAGE_2024.id
    replaced = [one for one in content["extension"] if one["url"] == REPLACES]
    assert replaced == [
        {"url": REPLACES, "valueReference": {"reference": f"Condition/{LANGUAGE_2023.id}"}}
    ]


def test_a_confirmation_by_another_author_is_no_new_version() -> None:
    again = statement(9, "F84.0", "2025", source="clb", author="CGG", basis="quoted")
    alone, together = diagnoses([AUTISM])[0], diagnoses([AUTISM, again])[0]
    assert len(together.voices) == 2
    assert leading(alone, confirmed=False) == leading(together, confirmed=False)


def test_superseded_is_inactive_and_no_error() -> None:
    content = ended(AUTISM.content, Standing.ENDED)
    assert content["clinicalStatus"]["coding"][0]["code"] == "inactive"
    assert content["verificationStatus"] == AUTISM.content["verificationStatus"]


def test_what_was_withdrawn_is_inactive_without_being_called_wrong() -> None:
    content = ended(AUTISM.content, Standing.WITHDRAWN)
    assert content["verificationStatus"] == AUTISM.content["verificationStatus"]


def test_what_is_wrong_has_no_clinical_status() -> None:
    content = in_error(AUTISM.content)
    assert content["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "clinicalStatus" not in content


def test_what_is_ruled_out_is_refuted_and_not_active() -> None:
    content = refuted(AUTISM.content)
    assert content["verificationStatus"]["coding"][0]["code"] == "refuted"
    assert content["clinicalStatus"]["coding"][0]["code"] == "inactive"


@pytest.mark.parametrize(
    ("statement_now", "beside", "because"),
    [
        (None, [], Standing.WITHDRAWN),
        (wrong(AUTISM), [], Standing.IN_ERROR),
        (replace(AUTISM, withdrawn=True), [], Standing.WITHDRAWN),
        (statement(3, "F84.0", "2025", status="refuted"), [], Standing.REFUTED),
        (statement(3, "F84.0", "2025", clinical="resolved"), [], Standing.ENDED),
        (statement(3, "F84.0", "2025", status="provisional"), [], Standing.WITHDRAWN),
        # Corrected in place into another disorder.
        (statement(3, "F80.2", "2025"), [], Standing.IN_ERROR),
        # Its own author ruled it out in another report; somebody else's word is no end.
        (AUTISM, [statement(8, "F84.0", "2025", status="refuted")], Standing.REFUTED),
        (AUTISM, [REFUTED], Standing.ENDED),
    ],
)
def test_why_it_leads_no_more_decides_the_form(
    statement_now: Assertion | None, beside: list[Assertion], because: Standing
) -> None:
    known = [*beside, *([statement_now] if statement_now else [])]
    assert why_ended(statement_now, "F84", known) is because


def test_a_copy_ends_as_what_it_copied() -> None:
    struck = replace(ATTENTION, withdrawn=True)
    because = why_ended(ATTENTION_COPIED, "F90", [struck, ATTENTION_COPIED])
    assert because is Standing.WITHDRAWN


def test_a_revision_names_what_it_revised() -> None:
    content = provenance(LANGUAGE, LANGUAGE_2024, TARGET, recorded=AT)
    assert content["activity"]["coding"][0]["code"] == "UPDATE"
    roles = {one["role"]: one["what"]["reference"] for one in content["entity"]}
    assert roles == {
        "source": f"Condition/{LANGUAGE_2024.id}",
        "revision": f"Condition/{LANGUAGE_2023.id}",
    }


@pytest.mark.parametrize(
    ("because", "activity"),
    [
        (Standing.IN_ERROR, "NULLIFY"),
        (Standing.WITHDRAWN, "DELETE"),
        (Standing.REFUTED, "UPDATE"),
        (Standing.ENDED, "UPDATE"),
    ],
)
def test_each_end_is_its_own_activity(because: Standing, activity: str) -> None:
    content = ending(AUTISM, TARGET, because, recorded=AT)
    assert content["activity"]["coding"][0]["code"] == activity


def test_what_a_reader_gets_leads_to_its_own_condition_and_nowhere_else() -> None:
    content = provenance(LANGUAGE, LANGUAGE_2024, TARGET, recorded=AT)
    content["meta"] = {"security": [{"system": "urn:x", "code": "diagnosis"}]}
    told = for_reader(dump(content), own_id="own", condition_id="theirs", version=2)
    assert told["target"] == [{"reference": "Condition/theirs"}]
    assert "entity" not in told
    assert "policy" not in told
    assert str(LANGUAGE_2023.id) not in str(told)
    assert str(TARGET) not in str(told)
    assert (told["agent"][0]["who"], told["occurredDateTime"]) == ({"display": "MDT"}, "2024-10-21")


def test_every_form_is_valid_fhir() -> None:
    for content in (
        leading(LANGUAGE, confirmed=True),
        disputing(REFUTED),
        *(ended(AUTISM.content, one) for one in Standing),
    ):
        assert valid(content | SUBJECT), content
    made = provenance(LANGUAGE, LANGUAGE_2024, TARGET, recorded=AT)
    year = simple(ATTENTION_COPIED, TARGET, recorded=AT)
    over = ending(AUTISM, TARGET, Standing.IN_ERROR, recorded=AT)
    for content in (made, year, over):
        labels = {"meta": {"security": [{"system": "urn:x", "code": "diagnosis"}]}}
        assert valid(content | labels)
        told = for_reader(dump(content | labels), own_id="a", condition_id="b", version=1)
        assert valid(told)


def test_a_task_is_valid_and_says_only_what_its_owner_said_itself() -> None:
    asked = Asked(
        id="t",
        kind="confirm",
        status="requested",
        focus="c",
        version=3,
        patient="p",
        owner="VAPH",
        reasons=("proposed", "less-specific"),
        raised_at=AT,
        changed_at=AT,
        own=LANGUAGE_2024.content,
    )
    own, others = task_resource(asked), task_resource(replace(asked, own=None))
    assert valid(own)
    assert valid(others)
    assert "F80" in str(own)
    assert "F80" not in str(others)


def test_who_wrote_a_copy_down_is_named_but_is_no_author() -> None:
    assert (ATTENTION_COPIED.author, name_of_author(ATTENTION_COPIED)) == (None, "Vrij CLB")


def test_an_asserter_is_the_author_and_the_recorder_only_wrote_it_down() -> None:
    roles = [
        {"resourceType": "PractitionerRole", "id": name, "organization": {"display": shown}}
        for name, shown in (("recorder", "CLB"), ("asserter", "CGG"))
    ]
    told = statement(7, "F92.8", "2024")
    told.content.update(
        contained=roles,
        recorder={"reference": "#recorder"},
        asserter={"reference": "#asserter"},
    )
    assert told.author == "CGG"
    del told.content["asserter"]
    assert told.author == "CLB"
