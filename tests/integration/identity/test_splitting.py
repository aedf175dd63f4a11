"""A wrong link is undone with full effect, for the child it was about and the one it was not."""

from uuid import UUID

from gateway.exchange.links.split_identity import NotSplit, Split
from gateway.store import children
from gateway.store.engine import transaction
from gateway.store.resources import find as find_resource
from gateway.store.resources import open_content
from tests.integration.identity.world import Desk, diagnosis, number, somebody
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH

NOOR, MOTHER, STRANGER = number(1), number(2, year="90"), number(3, year="88")


def wrongly_linked(desk: Desk) -> tuple[UUID, UUID]:
    """Let VAPH tell about Noor, and link what childcare says of another child to her."""
    known = somebody("Peeters", "Noor", insz=NOOR, parents=(MOTHER,), says=(diagnosis("F80.2"),))
    desk.tell(VAPH, known)
    other = somebody(
        "Peeters",
        "Noor",
        local="77",
        parents=(STRANGER,),
        says=(diagnosis("F84.0"), diagnosis("F80.1", key="other")),
    )
    told = desk.tell(CHILDCARE, other)
    [waiting] = desk.queue()
    noor = desk.found(NOOR)
    assert noor is not None
    assert desk.confirm(waiting.id, noor)
    return noor, told


def parents(desk: Desk, child: UUID) -> list[bytes]:
    rows = desk.rows(
        "select p.insz_hash from family_tie t join person p on p.id = t.person"
        " where t.child = :child",
        child=child,
    )
    return [bytes(row.insz_hash) for row in rows]


def care(desk: Desk, child: UUID) -> set[str]:
    rows = desk.rows("select partner from care_relation where child = :child", child=child)
    return {row.partner for row in rows}


def test_everything_that_only_the_part_brought_goes_with_it(desk: Desk) -> None:
    noor, told = wrongly_linked(desk)
    # Two of one category disagree: one leads, the other is shown beside it.
    assert (desk.statements(noor), desk.statements(noor, "leading")) == (3, 3)
    assert care(desk, noor) == {VAPH, CHILDCARE}
    done = desk.split(told)
    assert isinstance(done, Split)
    assert (done.parts, done.resources) == (1, 2)
    other = done.child
    assert desk.child_of(told) == other != noor
    hashed = desk.hub.vault.lookup
    assert (desk.statements(noor), desk.statements(noor, "leading")) == (1, 1)
    assert (desk.statements(other), desk.statements(other, "leading")) == (2, 2)
    assert parents(desk, noor) == [hashed("insz", MOTHER)]
    assert parents(desk, other) == [hashed("insz", STRANGER)]
    assert (care(desk, noor), care(desk, other)) == ({VAPH}, {CHILDCARE})
    assert desk.found(NOOR) == noor
    assert desk.acts(noor)[-1] == desk.acts(other)[-1] == "identity_split"


def test_the_moved_versions_open_under_the_other_childs_key_alone(desk: Desk) -> None:
    noor, told = wrongly_linked(desk)
    done = desk.split(told)
    assert isinstance(done, Split)
    ids = desk.rows("select id from resource where child = :child", child=done.child)
    with transaction(desk.hub.engine) as tx:
        key = children.key_of(tx, desk.hub.vault, done.child)
        assert key is not None
        for row in ids:
            found = find_resource(tx, row.id)
            assert found is not None
            assert b"Condition" in open_content(key, found)
    assert desk.statements(noor) == 1


def test_what_the_source_says_next_goes_to_the_right_child(desk: Desk) -> None:
    noor, told = wrongly_linked(desk)
    done = desk.split(told)
    assert isinstance(done, Split)
    again = desk.tell(CHILDCARE, somebody("Peeters", "Noor", local="77", version="2"))
    assert desk.child_of(again) == done.child
    repeat = desk.tell(CHILDCARE, somebody("Peeters", "Noor", insz=NOOR, local="77", version="3"))
    assert desk.child_of(repeat) is None
    assert noor not in {UUID(one) for item in desk.queue() for one in item.candidates}


def test_later_deliveries_of_the_same_story_go_along(desk: Desk) -> None:
    noor, told = wrongly_linked(desk)
    later = somebody("Peeters", "Noor", local="77", says=(diagnosis("F84.5", key="third"),))
    also = desk.tell(CHILDCARE, later)
    assert desk.child_of(also) == noor
    done = desk.split(told)
    assert isinstance(done, Split)
    assert desk.child_of(also) == done.child
    assert (desk.statements(noor), desk.statements(done.child)) == (1, 3)


def test_a_part_goes_to_a_child_that_is_known_already(desk: Desk) -> None:
    noor, told = wrongly_linked(desk)
    desk.tell(CLB, somebody("Peeters", "Emma", insz=number(9), says=(diagnosis("F90"),)))
    emma = desk.found(number(9))
    assert emma is not None
    done = desk.split(told, to=emma)
    assert isinstance(done, Split)
    assert done.child == emma
    assert desk.statements(emma) == 3
    assert desk.statements(noor) == 1


def test_a_name_that_only_the_part_brought_proposes_the_child_no_more(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR))
    noor = desk.found(NOOR)
    told = desk.tell(CHILDCARE, somebody("Peters", "Noortje", local="77"))
    [waiting] = desk.queue()
    assert desk.confirm(waiting.id, noor or "")
    assert noor is not None
    assert len(desk.spellings(noor)) == 2
    assert isinstance(desk.split(told), Split)
    assert [one[2:] for one in desk.spellings(noor)] == [["Peeters", "Noor"]]


def test_what_cannot_be_split_says_why_and_changes_nothing(desk: Desk) -> None:
    told = desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR))
    assert desk.split(told) == NotSplit("nothing_else")
    assert desk.split(told, to="nonsense") == NotSplit("no_such_child")
    assert desk.split(told, to=UUID(int=1)) == NotSplit("no_such_child")
    waiting = desk.tell(CAW, somebody("Claes", "Tuur"))
    assert desk.split(waiting) == NotSplit("not_linked")
