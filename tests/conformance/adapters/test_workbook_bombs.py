"""A workbook that would swell, act or lie is refused before it is unpacked."""

import resource
import struct
import zipfile
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Translation, Unreadable
from adapters.reading.package import MAX_ENTRY, MIB
from adapters.reading.sheet_parts import MAX_CELLS
from adapters.translate import translate
from tests.conformance.adapters.samples import ALLOWED, sample, unreadable
from tests.conformance.adapters.workbooks import parts_of, saved, zipped

SOURCE = "childcare"
SHEET = "xl/worksheets/sheet1.xml"
PARTS = parts_of(sample("ko_03").raw)


def with_part(name: str, content: bytes) -> bytes:
    return zipped({**PARTS, name: content})


def rows(count: int) -> bytes:
    """Rows that a spreadsheet library turns into 600 MB out of 300 KB."""
    cells = b"".join(
        b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(1, count + 1)
    )
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (main, cells)


@pytest.mark.parametrize(
    ("raw", "code", "status"),
    [
        (sample("ko_03").raw[:400], "truncated", 400),
        (b"PK\x03\x04", "truncated", 400),
        (zipped({"a.txt": b"x"}), "unexpected-document", 422),
        (zipped({f"{n}.xml": b"<a/>" for n in range(500)}), "too-large", 400),
        (with_part("xl/media/x.xml", b"a" * (MAX_ENTRY + 1)), "too-large", 400),
        (with_part("xl/media/x.png", b"a" * (3 * MIB)), "too-large", 400),
        (with_part("xl/vbaProject.bin", b"x"), "active-content", 400),
        (with_part("xl/externalLinks/externalLink1.xml", b"<a/>"), "active-content", 400),
        (with_part("xl/embeddings/oleObject1.bin", b"x"), "active-content", 400),
        (with_part("xl/connections.xml", b"<a/>"), "active-content", 400),
        (with_part(SHEET, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "dtd-refused", 400),
        (with_part(SHEET, b"<a>" * 300 + b"</a>" * 300), "too-deep", 400),
        (with_part(SHEET, b"<worksheet>"), "truncated", 400),
        (with_part(SHEET, rows(MAX_CELLS + 1)), "too-large", 400),
        (
            with_part(SHEET, rows(1).replace(b"</row>", b'<c r="A1"><v>2</v></c></row>')),
            "duplicate-cell",
            400,
        ),
    ],
)
def test_a_workbook_beyond_its_limits_is_refused_with_a_remedy(
    raw: bytes, code: str, status: int
) -> None:
    answer = unreadable(SOURCE, raw)
    assert (answer.code, answer.status) == (code, status)
    assert ";" in answer.message
    assert answer.message[0].islower()


def test_a_workbook_with_a_password_is_refused() -> None:
    raw = bytearray(sample("ko_03").raw)
    first = raw.index(b"PK\x01\x02")
    raw[first + 8] |= 1
    assert unreadable(SOURCE, bytes(raw)).code == "encrypted"


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    raw = bytearray(with_part("xl/media/x.xml", b"a" * MIB))
    place = raw.rindex(b"PK\x01\x02", 0, raw.rindex(b"PK\x05\x06"))
    raw[place + 24 : place + 28] = struct.pack("<L", 10)
    assert unreadable(SOURCE, bytes(raw)).code == "malformed"


def test_a_second_table_of_contents_is_never_believed() -> None:
    raw = sample("ko_03").raw
    end = raw.rindex(b"PK\x05\x06")
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    assert unreadable(SOURCE, raw[:end] + locator + raw[end:]).code == "zip64"


def test_a_table_of_contents_that_lies_about_its_length_is_measured() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(3000):
            archive.writestr(f"{number}.xml", b"")
    raw = bytearray(packed.getvalue())
    end = raw.rindex(b"PK\x05\x06")
    raw[end + 8 : end + 12] = struct.pack("<HH", 1, 1)
    assert unreadable(SOURCE, bytes(raw)).code == "too-large"


@pytest.mark.parametrize(
    "part",
    [rows(MAX_CELLS // 2), b"<a>" + b"<b/>" * ((MAX_ENTRY - 10) // 4) + b"</a>"],
    ids=["many cells", "elements that mean nothing"],
)
def test_memory_stays_bounded_however_small_the_file(part: bytes) -> None:
    raw = with_part(SHEET, part)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(raw) < 700 * 1024
    translate(SOURCE, raw, ALLOWED)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < 250 * MIB


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_part_of_a_workbook_gives_an_answer(data: st.DataObject) -> None:
    """Damage inside the parts, which a damaged zip would never let through."""
    name = data.draw(st.sampled_from([name for name in sorted(PARTS) if "theme" not in name]))
    content = bytearray(PARTS[name])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    kept = content[: data.draw(st.integers(len(content) // 2, len(content)))]
    answers(with_part(name, bytes(data.draw(st.sampled_from([content, kept])))))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_workbook_gives_an_answer(data: st.DataObject) -> None:
    raw = bytearray(sample("ko_03").raw)
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=5)):
        raw[place] = data.draw(st.integers(0, 255))
    answers(bytes(raw))


ATTRIBUTES = ("A1", "XFD1048576", "ZZZ9999999", "A0", "", "-1", "1" * 30, "é", "B7", "²")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_value_of_an_attribute_gives_an_answer(data: st.DataObject) -> None:
    """Rows, columns, styles and shared texts are numbers only when the file is honest."""
    before, after = data.draw(
        st.sampled_from(
            [
                (b' r="B7"', b' r="%s"'),
                (b' s="2"', b' s="%s"'),
                (b't="n"', b't="%s"'),
                (b'<row r="5"', b'<row r="%s"'),
                (b'min="9" max="9"', b'min="%s" max="99999999"'),
                (b'ref="A1:H1"', b'ref="%s:B9"'),
                (b"<v>45614</v>", b"<v>%s</v>"),
            ]
        )
    )
    value = data.draw(st.sampled_from((*ATTRIBUTES, "s", "b", "e", "d", "str", "NaN", "1e999")))
    answers(with_part(SHEET, PARTS[SHEET].replace(before, after % value.encode())))


def answers(raw: bytes) -> None:
    assert isinstance(translate(SOURCE, raw, ALLOWED), Translation | Unreadable)


def test_a_large_honest_sheet_is_read() -> None:
    book = openpyxl.load_workbook(BytesIO(sample("ko_03").raw))
    sheet = book.worksheets[0]
    for row in range(13, 513):
        sheet.append([f"Kind Nummer{row}", "1/2/2022", "18/11/2024", 3, 3, "ok", "ok"])
    found = translate(SOURCE, saved(book), ALLOWED)
    assert isinstance(found, Translation)
    assert len(found.parts) == 504
