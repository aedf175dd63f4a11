"""The code systems of the labels say exactly what adapters can write."""

import json
from pathlib import Path
from typing import Any

import fhirkit
import pytest

from adapters.labels import DATA_CLASSES, FLAGS, security
from adapters.systems import DATA_CLASS, DATA_SUBJECT, FLAG

SCHEMAS = Path(__file__).parents[3] / "schemas" / "fhir"


def code_system(url: str) -> dict[str, Any]:
    path = SCHEMAS / f"CodeSystem-{url.rsplit('/', 1)[1]}.json"
    found: dict[str, Any] = json.loads(path.read_bytes())
    assert found["url"] == url
    assert fhirkit.validate(path.read_bytes()) == []
    return found


def codes(url: str) -> set[str]:
    return {one["code"] for one in code_system(url)["concept"]}


def test_every_flag_of_the_adapters_is_in_the_code_system_and_no_other() -> None:
    assert codes(FLAG) == FLAGS


def test_every_data_class_an_adapter_may_use_is_one_of_the_rules_of_sharing() -> None:
    assert codes(DATA_CLASS) >= DATA_CLASSES


def test_labels_name_data_subjects_of_the_code_system_only() -> None:
    labels = security("identity", {"child", "adult", "related-1", "related-2"})
    assert {one["code"] for one in labels if one["system"] == DATA_SUBJECT} == codes(DATA_SUBJECT)


@pytest.mark.parametrize("url", [FLAG, DATA_SUBJECT, DATA_CLASS])
def test_every_concept_is_told_in_three_languages(url: str) -> None:
    system = code_system(url)
    assert system["count"] == len(system["concept"])
    for one in system["concept"]:
        assert one["display"]
        assert {word["language"] for word in one["designation"]} == {"nl", "fr"}
