"""Who received something of a wrong link is told, and nobody can open it any more."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from gateway import clock
from gateway.exchange.deliveries.release_key import release_keys
from gateway.exchange.deliveries.seal_delivery import claim_and_seal, unsent
from gateway.exchange.families.give_consent import ConsentOrder, give_consent
from gateway.exchange.links.split_identity import Split
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.services.organisations import merge_partner
from gateway.exchange.wording import wording_for
from gateway.identity.callers import PartnerCaller, PersonCaller
from gateway.identity.jose import new_signing_jwk, public_part
from gateway.store import children
from gateway.store.engine import transaction
from tests.integration.changes.desk import said
from tests.integration.identity.world import Desk, diagnosis, number, somebody
from tests.support.running_hub import CAW, CHILDCARE, CLB, PARTNERS, VAPH

NOOR, MOTHER = number(1), number(2, year="90")
HEIR = "vaph-heir"
CLASSES = frozenset({"diagnosis", "functional"})


def grant(desk: Desk, child: UUID, to: str) -> None:
    """Let the mother of a child allow a service that is around it to see diagnoses."""
    [tie] = desk.rows("select person from family_tie where child = :child", child=child)
    [name] = desk.rows("select name from partner where id = :id", id=to)
    with transaction(desk.hub.engine) as tx:
        children.start_care(tx, child, to, at=desk.at)
    scope: dict[str, Any] = {
        "classes": CLASSES,
        "purpose": "care",
        "until": clock.brussels_date(desk.at) + timedelta(days=90),
    }
    words = wording_for(language="nl", partner_name=name.name, **scope)
    order = ConsentOrder(
        child=str(child), to=to, language="nl", wording_sha256=words.sha256, **scope
    )
    person = PersonCaller(person=str(tie.person), correlation="test")
    assert isinstance(give_consent(desk.hub, person, order, at=desk.at), str)


def messages(desk: Desk, partner: str, kind: str = "updated") -> list[str]:
    query = "select id from delivery where partner = :partner and kind = :kind order by sequence"
    return [str(row.id) for row in desk.rows(query, partner=partner, kind=kind)]


def ask(desk: Desk, partner: str, ids: list[str]) -> list[str]:
    caller = PartnerCaller(partner=partner, scopes=frozenset())
    return [one.state for one in release_keys(desk.hub, caller, ids, at=desk.at)]


def told_to(desk: Desk, *partners: str) -> tuple[UUID, UUID]:
    """Link another child's diagnosis to Noor, and let it go out to services around her."""
    known = somebody("Peeters", "Noor", insz=NOOR, parents=(MOTHER,), says=(diagnosis("F80.2"),))
    desk.tell(VAPH, known)
    noor = desk.found(NOOR)
    assert noor is not None
    for partner in partners:
        grant(desk, noor, partner)
    told = desk.tell(CHILDCARE, somebody("Peeters", "Noor", local="7", says=(diagnosis("F84.0"),)))
    [waiting] = desk.queue()
    assert desk.confirm(waiting.id, noor)
    claim_and_seal(desk.hub, limit=100, at=desk.at)
    return noor, told


def test_a_reader_is_told_and_unread_keys_are_destroyed(desk: Desk) -> None:
    noor, told = told_to(desk, CLB, CAW)
    assert ask(desk, CLB, messages(desk, CLB)) == ["released", "released"]
    unread = messages(desk, CAW)
    assert len(unread) == 2
    done = desk.split(told)
    assert isinstance(done, Split)
    assert done.services_told == 1
    assert sorted(ask(desk, CAW, unread)) == ["gone", "released"]
    claim_and_seal(desk.hub, limit=100, at=desk.at)
    assert len(messages(desk, CLB, "ended")) == 1
    assert messages(desk, CAW, "ended") == []
    [line] = desk.rows(
        "select child from delivery where partner = :clb and kind = 'ended'", clb=CLB
    )
    assert line.child == noor


def test_a_message_that_was_still_to_go_does_not_go(desk: Desk) -> None:
    known = somebody("Peeters", "Noor", insz=NOOR, parents=(MOTHER,), says=(diagnosis("F80.2"),))
    desk.tell(VAPH, known)
    noor = desk.found(NOOR)
    assert noor is not None
    grant(desk, noor, CLB)
    told = desk.tell(CHILDCARE, somebody("Peeters", "Noor", local="7", says=(diagnosis("F84.0"),)))
    [waiting] = desk.queue()
    assert desk.confirm(waiting.id, noor)
    assert isinstance(desk.split(told), Split)
    strange = "select 1 from outbox o join resource r on r.id = o.resource where o.state = 'due'"
    assert desk.rows(f"{strange} and o.child <> r.child") == []
    claim_and_seal(desk.hub, limit=100, at=desk.at)
    assert ask(desk, CLB, messages(desk, CLB)) == ["released"]


def test_a_diagnosis_that_the_wrong_part_led_is_told_anew(desk: Desk) -> None:
    known = somebody("Peeters", "Noor", insz=NOOR, parents=(MOTHER,), says=(diagnosis("F84.5"),))
    desk.tell(VAPH, known)
    noor = desk.found(NOOR)
    assert noor is not None
    grant(desk, noor, CLB)
    says = diagnosis("F84.0", key="own")
    later = {**says.resource, "recordedDate": "2025-02-01"}
    newer = type(says)(resource=later, data_class="diagnosis", key="own")
    told = desk.tell(CHILDCARE, somebody("Peeters", "Noor", local="7", says=(newer,)))
    [waiting] = desk.queue()
    assert desk.confirm(waiting.id, noor)
    claim_and_seal(desk.hub, limit=100, at=desk.at)
    wrong = messages(desk, CLB)
    assert "released" in ask(desk, CLB, wrong)
    assert isinstance(desk.split(told), Split)
    claim_and_seal(desk.hub, limit=100, at=desk.at)
    assert len(messages(desk, CLB, "withdrawn")) == 1
    anew = [one for one in messages(desk, CLB) if one not in wrong]
    assert ask(desk, CLB, anew) == ["released"]
    with transaction(desk.hub.engine) as tx:
        query = text("select count(*) from resource where child = :child and layer = 'leading'")
        assert tx.execute(query, {"child": noor}).scalar() == 1


def goes_on_in(desk: Desk, old: str, into: str) -> None:
    """Let a service go on in a new one of the same mission."""
    keys = {"keys": [public_part(new_signing_jwk())]}
    kind, source = PARTNERS[old][1:]
    registration = Registration(id=into, name=into, kind=kind, source=source, jwks=keys)
    register_partner(desk.hub, registration, at=desk.at)
    assert merge_partner(desk.hub, old, into, at=desk.at).settled


@pytest.mark.parametrize("opened", [True, False], ids=["opened", "unread"])
@pytest.mark.parametrize("wrong_last", [True, False], ids=["wrong last", "wrong first"])
@pytest.mark.parametrize("kind", ["Condition", "Observation"])
def test_of_a_resource_of_two_children_only_the_wrong_version_is_taken_back(
    desk: Desk, kind: str, wrong_last: bool, opened: bool
) -> None:
    """The successor says of Noor, under the same key, what the old service said of another."""
    desk.tell(CAW, somebody("Peeters", "Noor", insz=NOOR, parents=(MOTHER,)))
    noor = desk.found(NOOR)
    assert noor is not None
    grant(desk, noor, CLB)
    own = somebody("Peeters", "Noor", insz=NOOR, says=(said("own", "F80.2", kind=kind),))
    if wrong_last:
        goes_on_in(desk, VAPH, HEIR)
        desk.tell(HEIR, own)
        claim_and_seal(desk.hub, limit=100, at=desk.at)
        assert ask(desk, CLB, messages(desk, CLB)) == ["released"]
    before = messages(desk, CLB)
    theirs = said("own", "F84.0", kind=kind)
    other = somebody("Peeters", "Noor", local="7", says=(theirs,), version="2")
    told = desk.tell(VAPH, other)
    [waiting] = desk.queue()
    assert desk.confirm(waiting.id, noor)
    claim_and_seal(desk.hub, limit=100, at=desk.at)
    [wrong] = [one for one in messages(desk, CLB) if one not in before]
    assert not opened or ask(desk, CLB, [wrong]) == ["released"]
    if not wrong_last:
        goes_on_in(desk, VAPH, HEIR)
        desk.tell(HEIR, replace(own, version="3", asserted_at="2026-01-03"))
    assert isinstance(desk.split(told), Split)
    claim_and_seal(desk.hub, limit=100, at=desk.at)
    right = [one for one in messages(desk, CLB) if one not in {*before, wrong}]
    assert set(ask(desk, CLB, right)) == {"released"}
    # What a service opened once it may open again, unless it was about somebody else.
    assert ask(desk, CLB, [wrong]) == ["gone"]
    named = [
        name
        for one in claim_notices(desk)
        for name in (*one.get("ended", ()), *one.get("withdrawn", ()))
    ]
    assert (wrong in named) == opened


def claim_notices(desk: Desk) -> list[dict[str, list[str]]]:
    """Return what notices say, sealed again."""
    found = unsent(desk.hub, partner=CLB, limit=100, at=clock.now())
    return [orjson.loads(one.jwe) for one in found if one.jwe.startswith(b'{"')]


def test_what_somebody_elses_parent_allowed_carries_nothing_any_more(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR, says=(diagnosis("F80.2"),)))
    noor = desk.found(NOOR)
    assert noor is not None
    wrong = desk.tell(CHILDCARE, somebody("Peeters", "Noor", local="7", parents=(MOTHER,)))
    [waiting] = desk.queue()
    assert desk.confirm(waiting.id, noor)
    grant(desk, noor, CLB)
    claim_and_seal(desk.hub, limit=100, at=desk.at)
    sent = messages(desk, CLB)
    assert len(sent) == 1
    done = desk.split(wrong)
    assert isinstance(done, Split)
    assert done.keys_destroyed == 1
    assert ask(desk, CLB, sent) == ["gone"]
    assert desk.rows("select 1 from family_tie where child = :child", child=noor) == []
