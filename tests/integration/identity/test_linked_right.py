"""A wrong link that is undone leaves nothing: as if the record had always been linked right."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

import pytest

from adapters.contract import Ending, PersonKey, Segment, Translation
from gateway.embedded.postgres import Postgres
from gateway.exchange.links.link_identity import confirm_match, matches_to_decide
from gateway.exchange.links.link_waiting import link_waiting
from gateway.exchange.links.split_identity import Split, Wrong, split_identity
from gateway.exchange.services.organisations import merge_partner
from tests.integration.changes.desk import (
    AT,
    CHILD,
    CLB,
    HEIR,
    OLD,
    VAPH,
    Desk,
    changes,
    ends,
    file,
    mother,
    open_desk,
    part,
    said,
)

ROUNDS = 4
NOOR = PersonKey(insz=CHILD, family="Peeters", given="Noor", born="2019-03-14")
# Somebody of the same name and day, whom the service knows by a number of its own.
OTHER = PersonKey(insz=None, family="Peeters", given="Noor", born="2019-03-14", local="77")
STRUCK = PersonKey(insz=CHILD, family="", given="", born=None)
STRUCK_OTHER = PersonKey(insz=None, family="", given="", born=None, local="77")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def of(who: str, *names: str, service: str = "mdt/990") -> tuple[Segment, ...]:
    """Return a diagnosis for each code and a need for each word, and the team of both children."""
    codes = [one for one in names if one[0].isupper()]
    told = [said(f"{who}/{one}", one, kind="Condition") for one in codes]
    needs = [said(f"{who}/{one}", f"{who} {one}") for one in names if one not in codes]
    return (*told, *needs, said(f"organization/{service}", f"team of {who}", kind="Organization"))


def picture(who: str, *names: str, on: str, **more: Any) -> Translation:
    subject = NOOR if who == "noor" else OTHER
    return file(part(*of(who, *names), on=on, subject=subject, **more), snapshot=True)


Story = Sequence[tuple[str, Translation | None]]
Words = Mapping[str, set[str]]
STORY: Story = (
    (VAPH, picture("noor", "F80.2", "need", on="2023-01-01", related=(mother("exercised"),))),
    (VAPH, picture("noor", "F80.2", "help", on="2024-01-01")),
    (VAPH, picture("other", "F84.0", "need", on="2023-06-01")),
    (VAPH, picture("other", "F84.5", "rest", on="2025-01-01", related=(mother("none"),))),
    (VAPH, ends(None, on="2024-06-01", how=Ending.WITHDRAWN, subject=STRUCK_OTHER)),
    (VAPH, ends(None, on="2023-07-01", how=Ending.WITHDRAWN, subject=STRUCK)),
    (VAPH, changes("other/rest", "valueString", "more rest", on="2025-02-01")),
    (CLB, file(part(*of("clb", "F80.2", service="clb"), on="2023-05-01", subject=NOOR))),
    (VAPH, file(
        part(said("day/noor", "here"), on="2024-11-30", subject=NOOR),
        part(said("day/other", "ill"), on="2024-11-30", subject=OTHER, id="2"),
        scope="2024-11",
    )),
    (VAPH, file(
        part(said("day/other", "here"), on="2024-12-02", subject=OTHER), scope="2024-11",
    )),
)  # fmt: skip


def same(word: str, code: str, *, on: str, subject: PersonKey) -> Translation:
    told = (said("1/word", word), said("1/code", code, kind="Condition"))
    return file(part(*told, on=on, subject=subject))


OWN: Words = {
    "noor": {"F80.2", "noor need", "noor help", "team of noor", "team of clb", "clb", "here"},
    "other": {
        "F84.0", "F84.5", "other need", "other rest", "more rest", "team of other", "here", "ill",
    },
}  # fmt: skip
OWN_UNDER_SAME_KEYS: Words = {
    "noor": {"noor", "noor again", "F84.5", "F84.6", "changed"},
    "other": {"other", "other again", "F84.0", "F80.2", "changed"},
}
MERGER = (OLD, None)
# Under the same keys: the old service knows the other child, the one that it goes on in Noor.
SAME_KEYS: Story = (
    (HEIR, same("noor", "F84.5", on="2023-01-01", subject=NOOR)),
    (HEIR, same("noor again", "F84.6", on="2025-01-01", subject=NOOR)),
    (OLD, same("other", "F84.0", on="2024-01-01", subject=OTHER)),
    (OLD, same("other again", "F80.2", on="2026-01-01", subject=OTHER)),
    (HEIR, changes("1/word", "valueString", "changed", on="2024-06-01")),
    (HEIR, ends("1/word", on="2025-06-01", how=Ending.WITHDRAWN)),
    MERGER,
)


@pytest.fixture
def desk(
    postgres_server: Postgres, template_database: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    hub = open_desk(postgres_server.create_database("linked_right", template=template_database))
    opened = Desk(hub=hub)
    for module in ("records.store_record", "records.read_again"):
        monkeypatch.setattr(f"gateway.exchange.{module}.translate", opened.translate)
    yield opened
    hub.engine.dispose()
    postgres_server.drop_database("linked_right")


class Telling:
    """One telling of the story, in which a person links the other child to Noor, or does not."""

    def __init__(self, desk: Desk, story: Story, *, wrongly: bool) -> None:
        self.desk, self.story, self.wrongly = desk, story, wrongly
        self.linked: tuple[UUID, str] | None = None
        # The same moments of receipt again: they order what has no date of its own.
        desk.handed = 0
        desk.forget()

    def tell(self, place: int) -> None:
        partner, found = self.story[place]
        if found is None:
            assert merge_partner(self.desk.hub, OLD, HEIR, at=AT).settled
        else:
            self.desk.deliver(found, partner=partner, again=True)
        self._decide()
        link_waiting(self.desk.hub, at=AT)

    def _decide(self) -> None:
        for item in matches_to_decide(self.desk.hub)[:1]:
            if self.linked is None and item.candidates:
                self.linked = UUID(item.receipt), item.part
                child = item.candidates[0] if self.wrongly else "new"
                assert confirm_match(self.desk.hub, item.id, child, by="test", at=AT)

    def undo(self) -> None:
        if self.wrongly and self.linked is not None:
            self.wrongly, (receipt, name) = False, self.linked
            wrong = Wrong(receipt=receipt, part=name, to="new")
            assert isinstance(split_identity(self.desk.hub, wrong, by="test", at=AT), Split)

    def words(self) -> dict[str, set[str]]:
        """Return the words of every version about each child, however old."""
        return {
            row.name: {word for _, word in self.desk.versions(row.child)}
            for row in self.desk.rows(_CHILDREN)
        }

    def state(self) -> dict[str, list[str]]:
        """Return what is stored about each child, without the ids that chance makes."""
        names = {row.child: row.name for row in self.desk.rows(_CHILDREN)}
        ids = {str(row.id): bytes(row.key_hash).hex() for row in self.desk.rows(_RESOURCES)}
        found = [
            f"{names[one['child']]} {one['layer']} {bytes(one['key_hash']).hex()} {one['status']} "
            f"{one['partner']} {one['asserted_at'].split('#')[0]} {one['content']}"
            for layer in ("assertion", "leading")
            for one in self.desk.stored(layer)
            if (layer == "assertion" and not self._gave_way(one)) or one["status"] == "active"
        ]
        state = {
            "stored": sorted(_ID.sub(lambda one: ids.get(one[0], "?"), each) for each in found)
        }
        for name, query in _TOLD.items():
            rows = [row._asdict() for row in self.desk.rows(query)]
            state[name] = sorted(str([_called(one, names) for one in row.values()]) for row in rows)
        # Who is asked goes on in its successor, whoever was named in the question.
        state["asked"] = [one.replace(OLD, HEIR) for one in state["asked"]]
        return state

    def _gave_way(self, one: dict[str, Any]) -> bool:
        """Whether a merger took its name away, or left it with the service that is over."""
        if self.story is STORY or one["status"] != "superseded":
            return False
        rows = self.desk.rows("select key_hash, id from resource")
        given_up = {sha256(a.key_hash + b.id.bytes).digest() for a in rows for b in rows}
        return one["partner"] == OLD or bytes(one["key_hash"]) in given_up


def _called(value: object, names: dict[UUID, str]) -> object:
    return names.get(value, value) if isinstance(value, UUID) else value


_CHILDREN = """
select child, case when bool_or(kind = 'insz') then 'noor' else 'other' end as name
  from child_lookup group by child"""
_RESOURCES = "select id, key_hash from resource"
_TOLD = {
    "ties": "select child, relation, authority, evidence from family_tie",
    "claims": "select child, partner, source, relation, authority, asserted_at from tie_claim",
    "numbers": "select child, kind, state, value_hash from child_lookup",
    "care": "select child, partner from care_relation",
    "parts": """select p.child, p.part, p.outcome, r.partner, r.sha256
        from receipt_part p join receipt r on r.id = p.receipt""",
    "ends": """select e.partner, e.ending, e.asserted_at, r.key_hash from statement_end e
        join resource r on r.key_hash = e.key_hash""",
    "asked": """select t.child, t.kind, t.reasons, t.owner, r.key_hash from diagnosis_task t
        join resource r on r.id = t.statement where t.status = 'requested'""",
    "vanished": """select r.child, r.key_hash from review_item i join resource r
        on r.id::text = i.part where i.kind = 'vanished' and i.state = 'open'""",
    "authors": """select child, status, partner from resource
        where layer = 'provenance' and status = 'active'""",
    "keys": "select child, count(*) from match_key group by child",
}


def tell_twice(desk: Desk, story: Story, order: list[int], undone_after: int, own: Words) -> None:
    """Tell a story with every link right, and with a wrong one that is undone: it ends the same."""
    found = []
    for wrongly in (False, True):
        telling = Telling(desk, story, wrongly=wrongly)
        for count, place in enumerate(order, start=1):
            telling.tell(place)
            # A person sees it at some moment, or in the end.
            if count >= undone_after and telling.linked is not None:
                telling.undo()
        assert telling.linked is not None
        telling.undo()
        # Nothing that somebody ever said of the other child stays, in no old version either.
        for child, words in telling.words().items():
            assert words <= own[child], (order, undone_after)
        found.append(telling.state())
    right, undone = found
    # Who was once asked to look at what left a picture, may still look when it is back.
    assert set(undone.pop("vanished")) <= set(right.pop("vanished")), (order, undone_after)
    # A merger leaves more of what gave way; what led for a while is history, and kept elsewhere.
    in_all: Callable[[list[str]], Collection[str]] = list if story is STORY else set
    for name in right:
        assert in_all(undone[name]) == in_all(right[name]), (name, order, undone_after)


def test_a_split_leaves_both_children_as_if_linked_right(desk: Desk) -> None:
    for number in range(ROUNDS):
        dice = Random(number)
        order = [*range(len(STORY)), *dice.sample(range(len(STORY)), k=2)]
        dice.shuffle(order)
        # Noor is known before anybody can be taken for her.
        order.insert(0, dice.choice((0, 1, 7)))
        undone_after = dice.randrange(len(order) // 2, len(order) + 1)
        tell_twice(desk, STORY, order, undone_after, OWN)


def test_a_split_after_a_merger_leaves_both_children_as_if_linked_right(desk: Desk) -> None:
    for number in range(ROUNDS):
        dice = Random(number)
        order = list(range(len(SAME_KEYS)))
        dice.shuffle(order)
        order.insert(0, dice.choice((0, 1)))
        undone_after = dice.randrange(len(order) // 2, len(order) + 1)
        tell_twice(desk, SAME_KEYS, order, undone_after, OWN_UNDER_SAME_KEYS)
