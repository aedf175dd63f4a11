"""Which claim about family counts does not depend on what arrived first."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.identities.claim_ties import newest, strongest
from gateway.store.ties import Claim

claims = st.builds(
    Claim,
    partner=st.just("one"),
    source=st.just("clb"),
    relation=st.sampled_from(["parent", "guardian"]),
    authority=st.sampled_from(["exercised", "exclusive", "none", "unknown"]),
    asserted_at=st.sampled_from(["2023", "2024", "2025"]),
)


def claim(authority: str, on: str, *, source: str = "clb", relation: str = "parent") -> Claim:
    return Claim(
        partner=source, source=source, relation=relation, authority=authority, asserted_at=on
    )


@given(st.lists(claims, min_size=1), st.data())
def test_what_a_source_claims_is_the_same_in_any_order(
    told: list[Claim], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(told))
    assert reduce(lambda known, one: newest([known, one]), told) == newest(other)


@given(st.lists(claims, min_size=1), st.data())
def test_which_claim_counts_is_the_same_in_any_order(
    told: list[Claim], data: st.DataObject
) -> None:
    assert strongest(told) == strongest(data.draw(st.permutations(told)))


def test_a_source_corrects_itself_though_not_with_silence() -> None:
    assert newest([claim("exercised", "2023"), claim("none", "2024")]).authority == "none"
    assert newest([claim("exercised", "2023"), claim("unknown", "2024")]).authority == "exercised"


def test_a_weaker_claim_takes_nothing_away_from_what_another_source_established() -> None:
    known = claim("exercised", "2023", source="vaph")
    for weaker in ("none", "unknown"):
        assert strongest([claim(weaker, "2025"), known]) == known


def test_of_what_is_established_the_newest_counts() -> None:
    newer = claim("exclusive", "2024", source="vaph")
    assert strongest([claim("exercised", "2023"), newer]) == newer
