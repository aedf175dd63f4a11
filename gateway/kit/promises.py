"""What every adapter promises, each as a check of one sample that yields what is wrong and where.

The conformance tests run the same checks, so that a source that passes here passes there.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from adapters.contract import (
    Fate,
    ReadOptions,
    Resource,
    Segment,
    Translation,
    Unreadable,
    dump,
)
from adapters.labels import DATA_CLASSES, FLAGS
from adapters.systems import DATA_CLASS, FLAG
from adapters.translate import report, to_report, translate
from gateway.fhir.validate import validate
from gateway.kit.samples import ALLOWED, Sample, walk

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TEST_NUMBER = re.compile(r"\d{2}(6[0-9]|7[0-2])\d{7}")
_REFERENCE = re.compile(r'"reference":"([A-Z][^"]+)"')
_TELLING = re.compile(r"[0-9A-ZÀ-Þ ]")
_LONGEST_WORD = 3
# What a field may also become: no resource, but a word of the contract about one.
_NO_RESOURCE = frozenset({"Amendment", "IdentityChange", "PersonKey", "Retraction", "Translation"})
# Words that the layouts themselves are made of; they tell nothing about anybody.
_LAYOUT_WORDS = frozenset({"GeefVolledigDossierHandicap", "None", "True", "False"})


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise in words, and what finds where a sample breaks it."""

    text: str
    faults: Callable[[Sample], Iterator[str]]


@cache
def _read(sample: Sample) -> Translation | Unreadable:
    return translate(sample.source, sample.raw, ALLOWED)


@cache
def _report(sample: Sample) -> Resource:
    return to_report(sample.source, sample.raw, _read(sample))


def _segments(sample: Sample) -> list[Segment]:
    found = _read(sample)
    parts = () if isinstance(found, Unreadable) else found.parts
    return [segment for part in parts for segment in part.segments]


def _place(segment: Segment) -> str:
    return f"{segment.resource['resourceType']}/{segment.resource['id']}"


def is_read(sample: Sample) -> Iterator[str]:
    """The file is read as one of the layouts."""
    found = _read(sample)
    if isinstance(found, Unreadable):
        yield f"{found.where}: {found.message} [{found.code}]"


def is_repeatable(sample: Sample) -> Iterator[str]:
    """The same bytes give the same report."""
    if dump(report(sample.source, sample.raw, ALLOWED)) != dump(_report(sample)):
        yield "two translations of the same bytes differ; is a clock or a random number in it?"


def accounts_for_every_field(sample: Sample) -> Iterator[str]:
    """Each field of the file stands once in the account, with one fate and its grounds."""
    account = _report(sample)["account"]
    said, there = Counter(line["path"] for line in account), Counter(p for p, _ in walk(sample))
    yield from (f"{path}: not in the account" for path in there - said)
    yield from (f"{path}: in the account, and not once in the file" for path in said - there)
    for line in account:
        if line["fate"] == Fate.MAPPED and not line["to"]:
            yield f"{line['path']}: mapped to nothing"
        if line["fate"] != Fate.MAPPED and not line["reason"]:
            yield f"{line['path']}: {line['fate']} without a reason"


def knows_every_field(sample: Sample) -> Iterator[str]:
    """A sample of a known layout holds nothing unknown."""
    for line in _report(sample)["account"]:
        if line["fate"] == Fate.UNKNOWN:
            yield f"{line['path']}: nobody spoke for it; map it, or say why it is left out"


def maps_to_what_is_there(sample: Sample) -> Iterator[str]:
    """What is mapped is in a resource of the report, or changes or ends an earlier one."""
    found = _report(sample)
    there = {entry["fullUrl"].split("/fhir/")[1] for entry in found["bundle"].get("entry", [])}
    for line in found["account"]:
        for to in line["to"]:
            if to.split(".", 1)[0] not in there | _NO_RESOURCE:
                yield f"{line['path']}: mapped to {to.split('.', 1)[0]}, which is not there"


def is_valid_fhir(sample: Sample) -> Iterator[str]:
    """Every resource is valid FHIR R4; a second validator is asked where it is installed."""
    for segment in _segments(sample):
        for problem in (*validate(segment.resource), *_second_opinion(segment.resource)):
            yield f"{_place(segment)}: {problem}"
    yield from (str(problem) for problem in validate(_report(sample)["bundle"]))


def _second_opinion(resource: Resource) -> list[Any]:
    try:
        import fhirkit
    except ImportError:
        return []
    return list(fhirkit.validate(dump(resource)))


def refers_to_what_is_there(sample: Sample) -> Iterator[str]:
    """Every reference leads to a resource of the same file."""
    bundle = _report(sample)["bundle"]
    there = {_name(entry["resource"]) for entry in bundle.get("entry", [])}
    named = set(_REFERENCE.findall(dump(bundle).decode()))
    yield from (f"{name}: referred to, and not there" for name in sorted(named - there))


def _name(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def labels_every_segment(sample: Sample) -> Iterator[str]:
    """Every segment has a data class and flags that are known, the same in its labels."""
    for segment in _segments(sample):
        if segment.data_class not in DATA_CLASSES or not segment.flags <= FLAGS:
            yield f"{_place(segment)}: a data class or flag that the labels do not know"
        if _codes(segment.resource, DATA_CLASS) != {segment.data_class}:
            yield f"{_place(segment)}: its label names another data class"
        if _codes(segment.resource, FLAG) != segment.flags:
            yield f"{_place(segment)}: its labels name other flags"


def gives_every_segment_its_key(sample: Sample) -> Iterator[str]:
    """No two segments have one business key; an organisation may be named in several parts."""
    keys = Counter(one.key for one in _segments(sample) if "organization/" not in one.key)
    yield from (f"a key of {kind} stands {many} times" for kind, many in _repeated(keys))


def _repeated(keys: Counter[str]) -> Iterator[tuple[str, int]]:
    # A key may hold a number of the source: only its last step, the kind of thing, is shown.
    return ((key.rsplit("/", 1)[-1], many) for key, many in keys.items() if many > 1)


def _codes(resource: Resource, system: str) -> set[str]:
    security = resource["meta"]["security"]
    return {label["code"] for label in security if label["system"] == system}


def claims_no_profile(sample: Sample) -> Iterator[str]:
    """No profile is claimed that was not checked."""
    for segment in _segments(sample):
        if "profile" in segment.resource["meta"]:
            yield f"{_place(segment)}: claims a profile"


def tells_no_value(sample: Sample) -> Iterator[str]:
    """Rejections and account hold places, never a value of the file."""
    telling = {(path, value) for path, value in walk(sample) if is_telling(value)}
    for options in (ALLOWED, ReadOptions()):
        found = report(sample.source, sample.raw, options)
        said = json.dumps([found["rejections"], found["account"]], ensure_ascii=False)
        said = _ID.sub("", said)
        yield from (f"{path}: its value is repeated" for path, value in telling if value in said)


def is_telling(value: str) -> bool:
    """Names, numbers, codes and sentences; not the words every layout is made of."""
    long_enough = len(value) > _LONGEST_WORD and value not in _LAYOUT_WORDS
    return long_enough and bool(_TELLING.search(value))


def refuses_test_numbers(sample: Sample) -> Iterator[str]:
    """National test numbers go nowhere unless they are allowed."""
    found = report(sample.source, sample.raw, ReadOptions())
    if _TEST_NUMBER.search(_ID.sub("", dump(found["bundle"]).decode())):
        yield "a test number is in the resources, though test numbers were not allowed"


PROMISES = (
    Promise("the file is read as one of the layouts", is_read),
    Promise("the same bytes give the same report", is_repeatable),
    Promise("every field stands once in the account", accounts_for_every_field),
    Promise("nothing in the sample is unknown", knows_every_field),
    Promise("what is mapped is there", maps_to_what_is_there),
    Promise("every resource is valid FHIR R4", is_valid_fhir),
    Promise("every reference leads to something", refers_to_what_is_there),
    Promise("every segment is labelled", labels_every_segment),
    Promise("every segment has a key of its own", gives_every_segment_its_key),
    Promise("no profile is claimed unchecked", claims_no_profile),
    Promise("no value is repeated in account or rejections", tells_no_value),
    Promise("test numbers are refused unless allowed", refuses_test_numbers),
)
