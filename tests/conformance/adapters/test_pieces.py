"""A file read in pieces says what it says when it is read at once; what is wrong has a place."""

import io
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Part, ReadOptions, Translation, Unreadable
from adapters.pieces.index import Entry, Index
from adapters.pieces.stream import open_pieces
from adapters.translate import translate
from gateway.kit.damage import damaged
from tests.conformance.adapters.samples import ALLOWED, SAMPLES, Sample, every_sample, sample
from tests.support.enlarged import cut_of, enlarged

CUT = [one for one in SAMPLES if cut_of(one.source, one.raw)]
every_cut_sample = pytest.mark.parametrize("sample", CUT, ids=str)
SIZE = 6_000


def in_pieces(
    source: str, raw: bytes, size: int, options: ReadOptions = ALLOWED
) -> list[Translation] | Unreadable:
    """The pieces of a file and, last, what they tell together."""
    scratch = io.BytesIO()
    pieces = open_pieces(source, io.BytesIO(raw), scratch, options, piece_bytes=size)
    return pieces if isinstance(pieces, Unreadable) else [*pieces, pieces.conclusion]


def said(found: Iterable[Translation]) -> dict[str, Any]:
    """What translations say, in no order."""
    every = list(found)
    lines = {line.path: line for one in every for line in one.account}
    scopes = {one.scope for one in every}
    return {
        "parts": {part.id: _placed(part, scopes) for one in every for part in one.parts},
        "count": sum(len(one.parts) for one in every),
        "account": {path: line._replace(to=()) for path, line in lines.items()},
        "to": {path: frozenset(line.to) for path, line in lines.items()},
        "lines": sum(len(one.account) for one in every),
        "rejections": Counter(each for one in every for each in one.rejections),
        "questions": Counter(each for one in every for each in one.questions),
        "retractions": Counter(each for one in every for each in one.retractions),
        "amendments": Counter(repr(each) for one in every for each in one.amendments),
        "complete": [(one.snapshot, one.scope) for one in every if one.snapshot or one.scope],
    }


def _placed(part: Part, scopes: Collection[str | None]) -> Part:
    """A part of what all is complete for needs no scope of its own."""
    return replace(part, within=None if part.within in scopes else part.within)


def at_once(source: str, raw: bytes, options: ReadOptions = ALLOWED) -> Translation:
    found = translate(source, raw, options)
    assert isinstance(found, Translation)
    return found


@every_cut_sample
@settings(deadline=None, max_examples=8)
@given(data=st.data())
def test_any_cut_says_what_the_whole_file_says(sample: Sample, data: st.DataObject) -> None:
    raw = b"".join(enlarged(sample.source, sample.raw, data.draw(st.integers(1, SIZE))))
    options = ReadOptions(allow_test_numbers=True, day_registrations=data.draw(st.booleans()))
    found = in_pieces(sample.source, raw, data.draw(st.integers(40, 2 * SIZE)), options)
    assert isinstance(found, list)
    assert said(found) == said([at_once(sample.source, raw, options)])


@every_sample
def test_a_sample_in_pieces_says_the_same(sample: Sample) -> None:
    found = in_pieces(sample.source, sample.raw, 100)
    assert isinstance(found, list)
    assert said(found) == said([at_once(sample.source, sample.raw)])


@every_cut_sample
def test_damage_is_refused_as_a_whole_or_says_the_same(sample: Sample) -> None:
    for raw in damaged(sample.raw, seed=11, times=40):
        whole, found = translate(sample.source, raw, ALLOWED), in_pieces(sample.source, raw, 200)
        assert isinstance(whole, Unreadable) == isinstance(found, Unreadable)
        if isinstance(found, Unreadable):
            assert found.where
        else:
            assert isinstance(whole, Translation)
            assert said(found) == said([whole])


def test_records_that_belong_together_are_not_parted() -> None:
    """The rows of one child are one part, however far apart they stand."""
    feed = sample("ko_01")
    head, *rows = feed.raw.splitlines(keepends=True)
    raw = head + b"".join(rows) * 30
    found = in_pieces(feed.source, raw, 200)
    assert isinstance(found, list)
    assert len(found) > 3
    assert said(found) == said([at_once(feed.source, raw)])
    assert found[-1].scope == "feed/999000123/2024-11"


def test_a_month_too_many_in_any_piece_is_seen_in_the_whole() -> None:
    feed = sample("ko_01")
    raw = feed.raw.replace(
        b"Claes;Tuur;11/04/2022;M;04/11/2024", b"Claes;Tuur;11/04/2022;M;04/12/2024"
    )
    found = in_pieces(feed.source, raw, 150)
    assert isinstance(found, list)
    assert [one.code for one in found[-1].rejections] == ["mixed-delivery"]
    assert found[-1].scope is None
    assert said(found) == said([at_once(feed.source, raw)])
    assert {part.within for one in found for part in one.parts} == {
        "feed/999000123/2024-11",
        "feed/999000123/2024-12",
    }


def test_a_refused_row_in_another_piece_makes_no_part_complete_for_its_month() -> None:
    feed = sample("ko_01")
    raw = feed.raw.replace(
        b"Claes;Tuur;11/04/2022;M;04/11/2024", b"Claes;Tuur;11/04/2022;M;44/11/2024"
    )
    found = in_pieces(feed.source, raw, 150)
    assert isinstance(found, list)
    assert found[-1].scope is None
    assert all(part.within == "feed/999000123/2024-11" for one in found for part in one.parts)
    assert said(found) == said([at_once(feed.source, raw)])


def test_a_day_that_moves_to_another_agreement_keeps_the_file_whole() -> None:
    """Each piece would hold one of its two records, and nobody could tell which one stands."""
    gir = sample("vaph_04")
    begin, end = gir.raw.split(b'"overeenkomst": "GIR-770001",\n   "datum": "2024-11-21"')
    raw = begin + b'"overeenkomst": "GIR-770002",\n   "datum": "2024-11-21"' + end
    found = in_pieces(gir.source, raw, 100)
    assert isinstance(found, list)
    assert len(found) == len(["the whole file", "the conclusion"])
    assert said(found) == said([at_once(gir.source, raw)])


def test_the_scratch_file_holds_no_word_of_a_record() -> None:
    intake, scratch = sample("caw_01"), io.BytesIO()
    raw = b"".join(enlarged(intake.source, intake.raw, 300_000))
    pieces = open_pieces(intake.source, io.BytesIO(raw), scratch, ALLOWED, piece_bytes=150_000)
    assert not isinstance(pieces, Unreadable)
    kept = scratch.getvalue()
    assert kept
    for word in (b"Yasmina", b"204417", b"OPVOEDING"):
        assert word in raw
        assert word not in kept


def test_an_id_in_the_scratch_file_tells_nothing_in_another_run() -> None:
    def kept() -> bytes:
        scratch = io.BytesIO()
        index = Index(scratch, 1)
        for number in range(128):
            entry = Entry(number, 1, number, number, 0)
            index.add((str(number),), entry, known_by="DOSSIER-1")
        assert not index.parts_an_id()
        return scratch.getvalue()

    first, second = kept(), kept()
    assert len(first) == len(second) > 0
    assert first != second


@pytest.mark.parametrize(
    ("source", "raw", "code", "where"),
    [
        ("clb", b'{"records": [{"id": "' + b"x" * 3_000_000, "record-too-large", "line 1"),
        ("clb", b'{"records": [' + b"[" * 3_000, "too-deep", "$"),
        ("clb", b'{"records": [{"id": 1, "id": 2}]}', "duplicate-key", "$.records[0].id"),
        ("clb", b'{"records": [{"id": 1},\n{"id": NaN}]}', "malformed", "$"),
        ("clb", b'{"records": [{"id": 1},\n{"id": "\xff"}]}', "wrong-encoding", "byte 32"),
        ("clb", b'{"records": [{"id": 1},\n{"id": 2}', "truncated", "line 2, column 10"),
        ("clb", b'{"records": [{"id": 1} {"id": 2}]}', "malformed", "line 1, column 24"),
        ("caw", b"x" * 300_000, "record-too-large", "line 1"),
        ("nobody", b"x", "unknown-source", "source"),
    ],
)
def test_what_cannot_be_read_is_refused_before_the_first_piece(
    source: str, raw: bytes, code: str, where: str
) -> None:
    found = in_pieces(source, raw, 1_000)
    assert isinstance(found, Unreadable)
    assert found.code == code
    assert found.where.startswith(where)
