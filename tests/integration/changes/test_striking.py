"""A file struck under a number ends as soon as the number is the child's, whoever says so."""

from dataclasses import replace
from itertools import permutations

from adapters.contract import Ending, IdentityChange, NumberChange, PersonKey, Translation
from tests.integration.changes.desk import (
    CAW,
    CHILD,
    CLB,
    NOOR,
    VAPH,
    Desk,
    ends,
    file,
    part,
    said,
)

EARLIER = "20720820325"
REPLACED = IdentityChange(kind=NumberChange.REPLACED, old=EARLIER, new=CHILD)


def told(partner: str) -> tuple[str, Translation]:
    return partner, file(part(said("a", partner), on="2024-01-01"))


def struck(on: str = "2024-06-01") -> Translation:
    subject = PersonKey(insz=EARLIER, family="", given="", born=None)
    return ends(None, on=on, how=Ending.WITHDRAWN, subject=subject)


def replaced() -> Translation:
    subject = PersonKey(insz=CHILD, family="", given="", born=None)
    return file(part(said("number", "new"), on="2024-07-01", subject=subject, identity=REPLACED))


def standing(desk: Desk) -> set[tuple[str, str]]:
    return {(one["partner"], one["status"]) for one in desk.stored() if one["type"] != "Provenance"}


def test_another_source_s_delivery_ends_at_once_what_was_struck_under_its_number(
    desk: Desk,
) -> None:
    for partner in (VAPH, CAW):
        desk.deliver(told(partner)[1], partner=partner)
    desk.deliver(struck(), partner=VAPH)
    assert standing(desk) == {(VAPH, "active"), (CAW, "active")}
    desk.deliver(replaced(), partner=CLB)
    assert standing(desk) == {(VAPH, "withdrawn"), (CAW, "active"), (CLB, "active")}
    desk.deliver(file(part(said("b", "after"), on="2024-08-01")), partner=VAPH)
    assert {one["status"] for one in desk.stored() if one["content"]["id"] == "id-a"} == {
        "withdrawn",
        "active",
    }


def test_the_order_of_strike_number_and_word_does_not_matter(desk: Desk) -> None:
    deliveries = [told(VAPH), (VAPH, struck()), (CLB, replaced())]
    found = []
    for order in permutations(deliveries):
        desk.forget()
        desk.deliver_all(order)
        found.append(desk.state())
    assert all(one == found[0] for one in found)
    assert standing(desk) == {(VAPH, "withdrawn"), (CLB, "active")}


def test_a_person_who_confirms_whose_number_it_is_ends_it_at_once_too(desk: Desk) -> None:
    desk.deliver(told(VAPH)[1], partner=VAPH)
    desk.deliver(struck(), partner=VAPH)
    # Of a number that was cancelled a person says whose it was.
    cancelled = "insert into cancelled_number (value_hash, cancelled_at) values (:hash, now())"
    desk.run(cancelled, hash=desk.hub.vault.lookup("insz", EARLIER))
    subject = replace(NOOR, insz=EARLIER, local=None)
    desk.deliver(file(part(said("c", "clb"), on="2024-01-01", subject=subject)), partner=CLB)
    assert standing(desk) == {(VAPH, "active")}
    desk.confirm_known()
    assert standing(desk) == {(VAPH, "withdrawn"), (CLB, "active")}


def test_a_number_that_a_source_uses_for_two_children_strikes_neither(desk: Desk) -> None:
    other = PersonKey(insz="23662115097", family="Mertens", given="Lotte", born="2023-06-21")
    for subject in (NOOR, other):
        desk.deliver(file(part(said(subject.given, "hers"), on="2024-01-01", subject=subject)))
    query = (
        "insert into child_lookup (kind, value_hash, child) select 'local', :hash, id from child"
    )
    number = desk.hub.vault.lookup("local", '["vaph", "vaph", "L-9"]')
    desk.run(query, hash=number)
    subject = PersonKey(insz=None, family="", given="", born=None, local="L-9")
    desk.deliver(ends(None, on="2024-06-01", subject=subject))
    desk.deliver(file(part(said("more", "hers"), on="2024-02-01")))
    assert set(desk.words()) == {"Noor", "Lotte", "more"}
