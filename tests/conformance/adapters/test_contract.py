"""What every adapter promises, checked on every sample of every registered source."""

import json
import re
from collections import Counter
from pathlib import Path

import fhirkit
import pytest

from adapters.contract import Fate, ReadOptions, Resource, Segment, dump, load
from adapters.labels import DATA_CLASSES, FLAGS
from adapters.registry import ADAPTERS
from adapters.systems import DATA_CLASS, FLAG
from adapters.translate import report, to_report, translate
from gateway.fhir.validate import validate
from tests.conformance.adapters.samples import (
    ALLOWED,
    Sample,
    every_sample,
    translated,
    walk,
)

ROOT = Path(__file__).parents[3]
HEADINGS = ("Owner", "Legal ground", "Specification", "Quirks", "Minimised")
every_adapter = pytest.mark.parametrize("source", sorted(ADAPTERS))


def segments(sample: Sample) -> list[Segment]:
    parts = translated(sample.source, sample.raw).parts
    return [segment for part in parts for segment in part.segments]


@every_adapter
def test_an_adapter_has_samples_and_a_page_that_names_owner_ground_and_version(
    source: str,
) -> None:
    assert list((ROOT / "schemas" / "sources" / source).iterdir())
    page = (ROOT / "adapters" / source / "README.md").read_text(encoding="utf-8")
    assert [heading for heading in HEADINGS if f"## {heading}" not in page] == []


def test_every_folder_of_a_source_is_registered() -> None:
    folders = {path.parent.name for path in (ROOT / "adapters").glob("*/README.md")}
    assert folders == set(ADAPTERS) == {adapter.source for adapter in ADAPTERS.values()}


@every_sample
def test_the_same_bytes_give_the_same_report(sample: Sample) -> None:
    once, again = (report(sample.source, sample.raw, ALLOWED) for _ in range(2))
    assert dump(once) == dump(again)


@every_sample
def test_every_field_has_exactly_one_fate(sample: Sample) -> None:
    account = translated(sample.source, sample.raw).account
    assert Counter(line.path for line in account) == Counter(path for path, _ in walk(sample))
    for line in account:
        assert bool(line.to) >= (line.fate is Fate.MAPPED), line.path
        assert bool(line.reason) >= (line.fate is not Fate.MAPPED), line.path


@every_sample
def test_the_known_layout_holds_nothing_unknown(sample: Sample) -> None:
    account = translated(sample.source, sample.raw).account
    assert [line.path for line in account if line.fate is Fate.UNKNOWN] == []


@every_sample
def test_what_is_mapped_is_mapped_to_something_in_the_bundle(sample: Sample) -> None:
    found = report(sample.source, sample.raw, ALLOWED)
    places = {entry["fullUrl"].split("/fhir/")[1] for entry in found["bundle"]["entry"]}
    named = {to.split(".", 1)[0] for line in found["account"] for to in line["to"]}
    assert named <= places


@every_sample
def test_every_resource_is_valid_in_two_independent_validators(sample: Sample) -> None:
    for segment in segments(sample):
        assert validate(segment.resource) == ()
        assert fhirkit.validate(dump(segment.resource)) == []
    bundle = report(sample.source, sample.raw, ALLOWED)["bundle"]
    assert validate(bundle) == ()
    assert fhirkit.validate(dump(bundle)) == []


@every_sample
def test_every_reference_leads_to_a_resource_of_the_same_file(sample: Sample) -> None:
    bundle = report(sample.source, sample.raw, ALLOWED)["bundle"]
    present = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in bundle["entry"]}
    named = set(re.findall(r'"reference":"([A-Z][^"]+)"', dump(bundle).decode()))
    assert named <= present


@every_sample
def test_every_segment_carries_its_labels_and_a_key_of_its_own(sample: Sample) -> None:
    found = segments(sample)
    assert len({segment.key for segment in found if "organization/" not in segment.key}) == len(
        [segment for segment in found if "organization/" not in segment.key]
    )
    for segment in found:
        assert segment.data_class in DATA_CLASSES
        assert segment.flags <= FLAGS
        assert codes(segment.resource, DATA_CLASS) == {segment.data_class}
        assert codes(segment.resource, FLAG) == segment.flags


def codes(resource: Resource, system: str) -> set[str]:
    security = resource["meta"]["security"]
    return {label["code"] for label in security if label["system"] == system}


@every_sample
def test_no_profile_is_claimed_that_was_not_checked(sample: Sample) -> None:
    assert all("profile" not in segment.resource["meta"] for segment in segments(sample))


@every_sample
def test_reports_and_accounts_hold_no_value_of_the_source(sample: Sample) -> None:
    for options in (ALLOWED, ReadOptions()):
        found = report(sample.source, sample.raw, options)
        said = json.dumps([found["rejections"], found["account"]], ensure_ascii=False)
        said = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", said)
        telling = {value for _, value in walk(sample) if is_telling(value)}
        assert {value for value in telling if value in said} == set()


def is_telling(value: str) -> bool:
    """Names, numbers, codes and sentences; not the words every layout is made of."""
    return len(value) > 3 and bool(re.search(r"[0-9A-ZÀ-Þ ]", value)) and value not in LAYOUT_WORDS


LAYOUT_WORDS = {"GeefVolledigDossierHandicap", "None", "True", "False"}


@every_sample
def test_test_numbers_are_refused_unless_they_are_allowed(sample: Sample) -> None:
    outcome = translate(sample.source, sample.raw, ReadOptions())
    refused = to_report(sample.source, sample.raw, outcome)["rejections"]
    assert "insz-test-number-refused" in {one["code"] for one in refused}
    assert not re.search(r"\d{2}(6[0-9]|7[0-2])\d{7}", dump(bundle_of(sample)).decode())


def bundle_of(sample: Sample) -> Resource:
    bundle: Resource = report(sample.source, sample.raw, ReadOptions())["bundle"]
    return bundle


def test_every_code_table_names_its_source_and_date() -> None:
    for path in (ROOT / "schemas" / "codes").glob("*.json"):
        table = json.loads(path.read_text(encoding="utf-8"))
        assert table["table"] == path.stem
        assert table["source"]
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", table["date"])
        assert table["rows"]


def test_decimals_keep_their_spelling_both_ways() -> None:
    raw = b'{"a":84.0,"b":117.50,"c":3,"d":[0.10]}'
    assert dump(load(raw)) == raw
