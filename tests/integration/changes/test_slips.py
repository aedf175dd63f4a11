"""A slip, a late file or another label does not undo what was right."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import text

from adapters.contract import Ending, PersonKey, RelatedKey, Segment, Translation
from gateway.store.engine import transaction
from tests.integration.changes.desk import CHILD, Desk, ends, file, part, said

LOTTE = PersonKey(
    insz="23662115097", family="Mertens", given="Lotte", born="2023-06-21", local="L-2"
)
UNKNOWN = "20720820325"


def struck(insz: str | None, local: str | None) -> Translation:
    subject = PersonKey(insz=insz, family="", given="", born=None, local=local)
    return ends(None, on="2024-06-01", how=Ending.WITHDRAWN, subject=subject)


def test_a_strike_with_another_childs_file_number_strikes_nobody_elses_file(desk: Desk) -> None:
    desk.deliver(file(part(said("noor", "hers"), on="2024-01-01")))
    desk.deliver(file(part(said("lotte", "hers"), on="2024-01-01", subject=LOTTE)))
    desk.deliver(struck(UNKNOWN, LOTTE.local))
    desk.deliver(struck(CHILD, LOTTE.local))
    desk.deliver(file(part(said("more", "of Lotte"), on="2024-05-01", subject=LOTTE)))
    assert set(desk.words()) == {"lotte", "more"}
    assert set(desk.words(status="withdrawn")) == {"noor"}


def test_another_label_counts_though_the_words_are_the_same(desk: Desk) -> None:
    one = said("p", "x")
    other = replace(one, data_class="confidential", flags=frozenset({"unsplittable"}))
    desk.deliver(file(part(one, on="2024-01-01")))
    desk.deliver(file(part(other, on="2024-02-01")))
    (stored,) = desk.stored()
    assert (stored["data_class"], list(stored["flags"])) == ("confidential", ["unsplittable"])


def test_whom_it_is_about_follows_the_source(desk: Desk) -> None:
    told = Segment(
        resource=said("p", "parent").resource,
        data_class="parent_data",
        key="p",
        about=frozenset({"related-1"}),
    )
    for on, number in (("2024-01-01", "90710208412"), ("2024-02-01", "88672331155")):
        parent = RelatedKey(insz=number, relation="parent", authority="exercised")
        desk.deliver(file(part(told, on=on, related=(parent,))))
    people = {row.id: bytes(row.insz_hash) for row in desk.rows("select * from person")}
    (stored,) = desk.stored()
    father = bytes(desk.hub.vault.lookup("insz", "88672331155"))
    assert people[UUID(stored["about"][0])] == father


def dossier(on: str, *codes: str) -> Translation:
    return file(part(*(said(one, one, kind="Condition") for one in codes), on=on), snapshot=True)


def test_a_late_older_picture_does_not_undo_what_a_person_decided(desk: Desk) -> None:
    desk.deliver(dossier("2024-01-01", "F80.2", "F84.0"))
    desk.deliver(dossier("2024-03-01", "F80.2"))
    decided = "update diagnosis_task set status = 'completed', role = 'medical' where kind = :kind"
    with transaction(desk.hub.engine) as tx:
        tx.execute(text(decided), {"kind": "inactivate"})
    desk.deliver(dossier("2024-03-02", "F80.2"))
    desk.deliver(dossier("2024-02-01", "F80.2", "F84.0"))
    assert set(desk.words()) == {"F80.2"}
    desk.deliver(dossier("2024-04-01", "F80.2", "F84.0"))
    assert set(desk.words()) == {"F80.2", "F84.0"}
