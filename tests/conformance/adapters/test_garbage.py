"""Nothing a partner can send makes an adapter raise, lose a field or write invalid FHIR."""

import json
import xml.etree.ElementTree as ET
from codecs import BOM_UTF8

import fhirkit
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Translation, Unreadable, dump
from adapters.registry import ADAPTERS
from adapters.translate import report, translate
from tests.conformance.adapters.samples import ALLOWED, SAMPLES, Sample, walk
from tests.conformance.adapters.workbooks import replaced_in_workbook

sources = st.sampled_from(sorted(ADAPTERS))
samples = st.sampled_from(SAMPLES)
CANARY = "Zyxw Qvut 7Q"
TELLING = (
    st.text(max_size=30)
    | st.sampled_from(
        ["9999-12-31", "31/02/2025", "0.0", "", "2018", "F84.0", "XX9", "-1", "1e400"]
    )
    | st.from_regex(r"[0-9]{11}", fullmatch=True)
)


def survives(source: str, raw: bytes) -> None:
    outcome = translate(source, raw, ALLOWED)
    assert isinstance(outcome, Translation | Unreadable)
    found = dump(report(source, raw, ALLOWED)["bundle"])
    assert fhirkit.validate(found) == []


@settings(max_examples=100, deadline=None)
@given(source=sources, raw=st.binary(max_size=400))
def test_any_bytes_give_an_answer(source: str, raw: bytes) -> None:
    survives(source, raw)


@settings(max_examples=60, deadline=None)
@given(sample=samples, data=st.data())
def test_a_truncated_sample_gives_an_answer(sample: Sample, data: st.DataObject) -> None:
    survives(sample.source, sample.raw[: data.draw(st.integers(0, len(sample.raw)))])


@settings(max_examples=80, deadline=None)
@given(sample=samples, data=st.data())
def test_a_damaged_sample_gives_an_answer(sample: Sample, data: st.DataObject) -> None:
    raw = bytearray(sample.raw)
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=6)):
        raw[place] = data.draw(st.integers(0, 255))
    survives(sample.source, bytes(raw))


@settings(max_examples=120, deadline=None)
@given(sample=samples, data=st.data())
def test_a_sample_with_other_values_gives_an_answer(sample: Sample, data: st.DataObject) -> None:
    paths = [path for path, _ in walk(sample)]
    chosen = data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=5, unique=True))
    raw = sample.raw
    for path in chosen:
        raw = replaced(sample, raw, path, data.draw(TELLING))
    survives(sample.source, raw)


def test_no_wrong_value_is_repeated_in_what_is_said_about_it() -> None:
    for sample in SAMPLES:
        for path, _ in walk(sample):
            raw = replaced(sample, sample.raw, path, CANARY)
            found = report(sample.source, raw, ALLOWED)
            said = json.dumps([found["rejections"], found["account"]], ensure_ascii=False)
            assert CANARY not in said, path


def replaced(sample: Sample, raw: bytes, path: str, value: str) -> bytes:
    """The sample with one leaf changed; the paths stay those of the sample."""
    match sample.path.suffix:
        case ".xml":
            return _replaced_xml(sample, raw, path, value)
        case ".json":
            return _replaced_json(raw, path, value)
        case ".xlsx":
            return replaced_in_workbook(raw, path, printable(value))
        case _:
            return _replaced_csv(sample, raw, path, value)


def printable(value: str) -> str:
    """The value without what XML cannot hold."""
    return "".join(char for char in value if char.isprintable() and ord(char) < 0xD800)


def _replaced_xml(sample: Sample, raw: bytes, path: str, value: str) -> bytes:
    root = ET.fromstring(raw)
    number = [found for found, _ in walk(sample)].index(path)
    leaves: list[tuple[ET.Element, str | None]] = []
    for element in root.iter():
        leaves += [(element, name) for name in element.attrib]
        text = (element.text or "").strip()
        original = not len(element) and (not element.attrib or text)
        leaves += [(element, None)] if original else []
    if number >= len(leaves):
        return raw
    element, name = leaves[number]
    legal = printable(value)
    if name is None:
        element.text = legal
    else:
        element.set(name, legal)
    return bytes(ET.tostring(root, encoding="utf-8"))


def _replaced_json(raw: bytes, path: str, value: str) -> bytes:
    document = json.loads(raw)
    steps = path.replace("[", ".[").split(".")[1:]
    here = document
    for step in steps[:-1]:
        here = here[int(step[1:-1]) if step.startswith("[") else step]
    last = steps[-1]
    here[int(last[1:-1]) if last.startswith("[") else last] = value
    return json.dumps(document, ensure_ascii=True).encode()


def _replaced_csv(sample: Sample, raw: bytes, path: str, value: str) -> bytes:
    """Every cell of the column, since one row stands on two lines."""
    encoding = "utf-8-sig" if raw.startswith(BOM_UTF8) else ADAPTERS[sample.source].code_page
    header, *rest = raw.decode(encoding or "utf-8").split("\r\n")
    column = header.split(";").index(path.rsplit(" ", 1)[1])
    changed = []
    for line in rest:
        cells = line.split(";")
        if len(cells) == len(header.split(";")):
            cells[column] = '"' + value.replace('"', '""') + '"'
        changed.append(";".join(cells))
    text = "\r\n".join([header, *changed])
    return text.encode(encoding or "utf-8", errors="replace")
