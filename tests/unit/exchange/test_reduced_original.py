"""What is left of an original is what the adapters had said of the others, to the last decimal."""

from decimal import Decimal
from pathlib import Path

from adapters.contract import (
    IdentityChange,
    NumberChange,
    Part,
    PersonKey,
    ReadOptions,
    RelatedKey,
    Segment,
    Translation,
    Unreadable,
)
from adapters.registry import ADAPTERS
from adapters.translate import translate
from gateway.exchange.records.origin import Whole
from gateway.exchange.records.reduced_original import REDUCED, read_reduced, write_reduced
from tests.support.families import SAMPLES

OPTIONS = ReadOptions(allow_test_numbers=True)
WHOLE = Whole(sha256=b"\x07" * 32, told="2026-01-01")


def test_the_parts_of_every_sample_come_back_as_they_were() -> None:
    read: set[str] = set()
    for source in ADAPTERS:
        for sample in Path(str(SAMPLES / source)).rglob("*.*"):
            found = translate(source, sample.read_bytes(), OPTIONS)
            if not isinstance(found, Unreadable) and found.parts:
                read.add(source)
                left, whole = read_reduced(write_reduced(found.parts, found, WHOLE))
                assert left.parts == found.parts, sample.name
                assert (left.snapshot, left.scope) == (found.snapshot, found.scope), sample.name
                assert whole == WHOLE
    assert read == set(ADAPTERS)


def test_every_field_of_a_part_comes_back() -> None:
    segment = Segment(
        resource={"resourceType": "Observation", "valueDecimal": Decimal("84.0")},
        data_class="medical",
        key="weight",
        about=frozenset({"child", "related-1"}),
        flags=frozenset({"copied"}),
        version="v000000002",
    )
    part = Part(
        id="2",
        subject=PersonKey(insz=None, family="P", given="N", born=None, damaged=True, local="7"),
        related=(RelatedKey(insz="1", relation="parent", authority="exercised"),),
        segments=(segment,),
        asserted_at="2026-01-01",
        version="1",
        linkable=False,
        adult=True,
        identity=IdentityChange(kind=NumberChange.REPLACED, old="1", new="2"),
        within="month/1",
    )
    of = Translation(parts=(), rejections=(), account=())
    [found] = read_reduced(write_reduced([part], of, WHOLE))[0].parts
    assert found == part
    assert str(found.segments[0].resource["valueDecimal"]) == "84.0"
    assert isinstance(found.identity and found.identity.kind, NumberChange)


def test_no_sender_can_pass_a_record_off_as_a_reduced_one() -> None:
    assert not any(REDUCED in adapter.media_types for adapter in ADAPTERS.values())
