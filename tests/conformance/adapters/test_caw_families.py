"""Children inside a parent's row come apart, and none carries a sibling along."""

from adapters.contract import Part, RelatedKey, Translation, dump
from tests.conformance.adapters.samples import sample, translated


def families(*changes: tuple[str, str]) -> Translation:
    text = sample("caw_04").text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return translated("caw", text.encode("cp1252"))


def said(part: Part) -> str:
    segments = b"".join(dump(one.resource) for one in part.segments).decode()
    return segments + str(part.subject) + str(part.related)


def test_every_child_in_a_row_is_a_part_of_its_own() -> None:
    found = [(one.id, one.subject.given, one.subject.insz) for one in families().parts]
    assert found == [
        ("1/1", "Mateo", "20720820325"),
        ("1/2", "Lucía", None),
        ("2/1", "Mateo", None),
        ("3/1", "Lisa", None),
        ("3/2", "Lise", None),
    ]


def test_no_part_of_a_child_holds_a_value_of_its_sibling() -> None:
    own = {
        "1/1": ("Mateo", "2020-12-08", "20720820325"),
        "1/2": ("Lucía", "2023-02-19"),
        "2/1": (),
        "3/1": ("Lisa",),
        "3/2": ("Lise",),
    }
    for part in families().parts:
        siblings = [one for one in own if one != part.id and one[0] == part.id[0]]
        values = [value for one in siblings for value in own[one]]
        assert not any(value in said(part) for value in values), part.id
        # The other siblings' resources are not even referred to.
        theirs = [one for one in families().parts if one.id in siblings]
        ids = [s.resource["id"] for one in theirs for s in one.segments]
        assert not any(one in said(part) for one in ids), part.id


def test_twins_with_one_letter_between_them_stay_two_children() -> None:
    lisa, lise = families().parts[3:]
    assert lisa.subject.born == lise.subject.born == "2023-06-21"
    assert lisa.subject.local != lise.subject.local
    assert {s.key for s in lisa.segments}.isdisjoint(s.key for s in lise.segments)


def test_the_parent_is_a_relative_whose_authority_nobody_knows() -> None:
    assert families().parts[0].related == (
        RelatedKey(insz="87682526626", relation="parent", authority="unknown"),
    )
    relatives = [s for s in families().parts[0].segments if "/related/" in s.key]
    assert [s.about for s in relatives] == [frozenset({"child", "related-1"})]


def test_a_wrong_number_of_a_parent_is_refused_alone_and_once() -> None:
    translation = families()
    assert [(one.where, one.field, one.code) for one in translation.rejections] == [
        ("line 3", "rrn", "insz-invalid")
    ]
    assert translation.parts[2].related[0].insz is None
    both = families(("87.68.25-266.26", "87.68.25-266.27"))
    assert [one.where for one in both.rejections] == ["line 2", "line 3"]
    assert len(both.parts) == 5


def test_a_wrong_number_of_a_child_refuses_that_child_only() -> None:
    translation = families(("20.72.08-203.25", "20.72.08-203.26"))
    assert [one.id for one in translation.parts] == ["1/2", "2/1", "3/1", "3/2"]
    assert ("line 2", "kind1_rrn") in {(one.where, one.field) for one in translation.rejections}


def test_a_child_keeps_its_keys_when_it_moves_in_the_row_or_gains_a_number_or_an_accent() -> None:
    mateo, lucia = families().parts[:2]
    row = sample("caw_04").text.splitlines()[1]
    cells = row.split(";")
    swapped = ";".join([*cells[:9], *cells[14:19], *cells[9:14], *cells[19:]])
    again = families((row, swapped)).parts[:2]
    assert [one.subject.local for one in again] == [lucia.subject.local, mateo.subject.local]
    assert [s.key for s in again[0].segments] == [s.key for s in lucia.segments]
    changed = families(("Lucía;19/2/2023;;", "Lucia;19/2/2023;23.62.19-090.92;")).parts[1]
    assert changed.subject.insz == "23621909092"
    assert changed.subject.local == lucia.subject.local


def test_no_readable_name_or_day_stands_in_a_key() -> None:
    for part in families().parts:
        for key in [str(part.subject.local), *(s.key for s in part.segments)]:
            assert part.subject.given.lower() not in key.lower()
            assert str(part.subject.born) not in key


def test_a_parents_damaged_name_is_marked_so() -> None:
    part = families((";Mertens;Sofie;", ";Mert?ns;Sofie;")).parts[3]
    (relative,) = [s for s in part.segments if "/related/" in s.key]
    assert "damaged_name" in relative.flags


def test_how_parents_live_and_where_a_child_stays_is_left_out() -> None:
    everything = "".join(map(said, families().parts))
    assert not any(word in everything for word in ("gescheiden", "50/50", "co-oud", "S8950"))


def test_the_same_child_twice_in_a_row_is_refused_the_second_time() -> None:
    translation = families(("Mertens;Lise;", "Mertens;Lisa;"))
    assert ("line 4", "duplicate-record") in {
        (one.where, one.code) for one in translation.rejections
    }
    assert [one.id for one in translation.parts][-1] == "3/1"


def test_a_fourth_child_needs_columns_and_no_code() -> None:
    header, row, *_ = sample("caw_04").text.splitlines()
    four = [f"kind4_{name}" for name in ("naam", "voornaam", "geb", "rrn", "verblijf")]
    text = "\r\n".join([";".join([header, *four]), row + ";Iñíguez;Ana;1/1/2024;;moeder", ""])
    parts = translated("caw", text.encode()).parts
    assert [(one.id, one.subject.given) for one in parts][-1] == ("1/4", "Ana")
