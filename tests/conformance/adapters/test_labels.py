"""Every data class that a code table gives is one that a label may carry."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from adapters.labels import DATA_CLASSES, security
from consent.vocabulary import KNOWN_CLASSES
from schemas import code_table
from tests.conformance.adapters.samples import sample, translated


def classes() -> Iterator[tuple[str, str]]:
    for table in files("schemas").joinpath("codes").iterdir():
        yield from ((table.name, one) for one in in_document(json.loads(table.read_bytes())))


def in_document(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "data_class" in node:
            yield node["data_class"]
        for one in node.values():
            yield from in_document(one)


def test_every_class_of_a_code_table_is_known_to_the_labels_and_to_the_rules_of_sharing() -> None:
    found = set(classes())
    assert {one for _, one in found} >= {"diagnosis", "parent_data"}
    assert [where for where, one in found if one not in DATA_CLASSES] == []
    assert DATA_CLASSES <= KNOWN_CLASSES


@pytest.mark.parametrize("code", sorted(code_table("clb-education-type")))
def test_every_type_of_special_education_is_translated_and_labelled_by_its_code(code: str) -> None:
    given = b"<typeBuitengewoon>7<"
    raw = sample("clb_04").raw
    assert given in raw
    found = translated("clb", raw.replace(given, f"<typeBuitengewoon>{code}<".encode()))
    (part,) = found.parts
    (one,) = [one for one in part.segments if one.key.endswith("/education/type")]
    assert one.data_class == code_table("clb-education-type")[code]["data_class"]
    assert one.resource["meta"]["security"][:1] == security(one.data_class, [])
