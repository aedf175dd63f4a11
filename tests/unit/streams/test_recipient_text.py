import json

import pytest

from gateway.streams.recipient import Outcome, State
from gateway.streams.recipient_text import as_json, as_text

BUNDLE = (
    b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":'
    b'"Condition","code":{"coding":[{"code":"F80.2"}],"text":"Receptieve taalstoornis"},'
    b'"clinicalStatus":{"coding":[{"code":"active"}]}}},{"resource":{"resourceType":'
    b'"Observation","status":"final","code":{"text":"Gewicht"},"valueQuantity":'
    b'{"value":84.0,"unit":"kg"}}}]}'
)


def outcome(state: State, content: bytes = b"null") -> Outcome:
    return Outcome(id="m-1", sequence=7, type="t", state=state, content=content)


def test_a_person_reads_what_each_resource_says() -> None:
    assert as_text(outcome("read", BUNDLE)).splitlines() == [
        "message m-1 (number 7)",
        "  Condition: Receptieve taalstoornis (F80.2), active",
        "  Observation: Gewicht, final, 84.0 kg",
    ]


def test_a_person_is_told_plainly_that_a_message_can_no_longer_be_read() -> None:
    said = as_text(outcome("gone"))
    assert "this message can no longer be read: its key is gone" in said


def test_a_notice_names_what_to_remove_and_nothing_else() -> None:
    said = as_text(outcome("notice", b'{"withdrawn":["m-0"]}'))
    assert "stopped this sharing" in said
    assert "m-0" in said
    assert "remove" not in as_text(outcome("notice", b'{"withdrawn":[]}'))


def test_a_notice_of_an_end_says_that_the_source_took_it_back() -> None:
    said = as_text(outcome("notice", b'{"ended":["m-0"]}'))
    assert "took back" in said
    assert "m-0" in said
    assert "family" not in said


@pytest.mark.parametrize("content", [b"null", b"[]", b"{}", b'{"entry":[1,{"resource":3}]}', b"7"])
def test_content_of_another_shape_is_shown_without_an_exception(content: bytes) -> None:
    assert "m-1" in as_text(outcome("read", content))
    assert "m-1" in as_text(outcome("notice", content))


def test_a_program_gets_one_line_with_every_decimal_as_the_hub_wrote_it() -> None:
    line = as_json(outcome("read", BUNDLE))
    assert "\n" not in line
    assert '"value":84.0' in line
    assert json.loads(line)["bundle"]["resourceType"] == "Bundle"
    assert json.loads(line)["state"] == "read"


def test_a_program_finds_a_notice_under_its_own_name() -> None:
    line = json.loads(as_json(outcome("notice", b'{"withdrawn":["m-0"]}')))
    assert line["notice"] == {"withdrawn": ["m-0"]}
