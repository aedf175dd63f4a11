"""A file that cannot be read as a whole is refused with its place and the remedy."""

import codecs

import pytest

from tests.conformance.adapters.samples import sample, unreadable

XML = '<?xml version="1.0"?>'
LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><larsExport>&c;</larsExport>'
)
OUTSIDE = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]><larsExport>&a;</larsExport>'


def nested_xml(levels: int) -> bytes:
    return ("<a>" * levels + "</a>" * levels).encode()


def nested_json(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("source", "raw", "code", "status", "where"),
    [
        ("vaph", b"", "empty", 400, "byte 0"),
        ("caw", b" \r\n ", "empty", 400, "byte 0"),
        ("clb", f"{XML}{LAUGHS}".encode(), "dtd-refused", 400, "line 1, column 22"),
        ("vaph", f"{XML}<!-- x -->{OUTSIDE}".encode(), "dtd-refused", 400, "line 1, column 32"),
        ("vaph", b"<!DOCTYPE a><a/>", "dtd-refused", 400, "line 1, column 1"),
        ("vaph", nested_xml(101), "too-deep", 400, "line 1"),
        ("vaph", nested_xml(100_000), "too-deep", 400, None),
        ("childcare", nested_json(101), "too-deep", 400, "level 101"),
        ("childcare", nested_json(200_000), "too-deep", 400, "$"),
        ("childcare", b'{"kind":1,"kind":2}', "duplicate-key", 400, "$.kind"),
        ("childcare", b'{"a":[{"b":NaN}]}', "malformed", 400, "$"),
        ("childcare", b'{"a":"\\u0000"}', "malformed", 400, "$.a"),
        ("childcare", b'{"a":"\\ud800"}', "malformed", 400, "$.a"),
        ("childcare", b'{"a":1,}', "malformed", 400, "line 1, column 8"),
        ("childcare", b'{"a":"\xe9"}', "wrong-encoding", 415, "byte 6"),
        ("vaph", b"<a>\xe9</a>", "wrong-encoding", 415, "byte 3"),
        ("vaph", "<a/>".encode("utf-16"), "wrong-encoding", 415, "byte 0"),
        ("vaph", b'<?xml version="1.0" encoding="latin1"?><a/>', "wrong-encoding", 415, "line 1"),
        ("caw", "clientnr".encode("utf-16"), "wrong-encoding", 415, "byte 0"),
        ("caw", codecs.BOM_UTF8 + b"client\xe9", "wrong-encoding", 415, "byte 6"),
        ("caw", b"clientnr;\x81\xff", "wrong-encoding", 415, "byte 9"),
        ("caw", b"clientnr;naam\r\n1;x\r\n", "unexpected-document", 422, "the whole file"),
        ("caw", b"clientnr;rrn_toestemming\r\n1;J\r\n", "header-mismatch", 422, "line 1"),
        ("vaph", b"<a>\n<b></a>", "malformed", 400, "line 2, column 8"),
        ("vaph", b"<a/>", "unexpected-document", 422, "the whole file"),
        ("vaph", b"{}", "unexpected-document", 422, "$"),
        ("vaph", b"<vaphMelding/>", "unexpected-document", 422, "/"),
        ("clb", b"<larsExport/>", "unexpected-document", 422, "the whole file"),
        ("childcare", b'{"a": 1}', "unexpected-document", 422, "the whole file"),
        ("nobody", b"x", "unknown-source", 422, "source"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    source: str, raw: bytes, code: str, status: int, where: str | None
) -> None:
    answer = unreadable(source, raw)
    assert (answer.code, answer.status) == (code, status)
    assert where is None or answer.where == where
    assert ";" in answer.message
    assert answer.message[0].islower()


@pytest.mark.parametrize("name", ["vaph_01", "clb_01", "ko_02"])
def test_a_truncated_document_is_named_truncated_with_its_place(name: str) -> None:
    one = sample(name)
    for share in (2, 3, 5, 7):
        answer = unreadable(one.source, one.raw[: len(one.raw) * (share - 1) // share])
        assert answer.code == "truncated"
        assert answer.where.startswith("line ")


def test_a_table_that_stops_inside_a_quoted_cell_is_named_truncated() -> None:
    one = sample("caw_01")
    cut = one.raw.index(b"wachttijd")
    answer = unreadable(one.source, one.raw[:cut])
    assert (answer.code, answer.where) == ("truncated", "line 2")


def test_a_hundred_levels_are_not_too_deep() -> None:
    assert unreadable("vaph", nested_xml(100)).code == "unexpected-document"
    assert unreadable("childcare", nested_json(100)).code == "unexpected-document"
