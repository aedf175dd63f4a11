"""The family's decisions as FHIR Consents: to a partner those that open something, to the family.

A partner sees a Consent only while something it may see now rests on it; otherwise there is none.
It names the classes that go on it now, and not who decided. To the family who decided travels as
the relation to the child and a name for this reader and this child alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from consent.edition import EDITION
from consent.lifecycle import Recorded, State, last_day
from gateway.exchange.disclose import Asked, Disclosed, Judgement, judge, rests_on, shareable
from gateway.exchange.families.decisions import DecisionView, decisions_about
from gateway.exchange.families.family import Member, member_of
from gateway.exchange.families.propose import asked_of
from gateway.exchange.families.viewing import own_child, standing_of
from gateway.exchange.hub import Hub
from gateway.exchange.wording import changed_in_substance
from gateway.fhir.consent_resource import ANNULLED, StoredDecision, Words, consent_resource
from gateway.identity.callers import PartnerCaller, PersonCaller
from gateway.store import access_log, children, consents, resources
from gateway.store.consents import ConsentRow
from gateway.store.decision_basis import Basis
from gateway.store.engine import Transaction, transaction
from gateway.store.proposals import Proposal

ACT: Final = "consent_read"
TYPE: Final = "Consent"
_NO_VERSIONS: Final = 1
_SHARED_WORDING: Final = "share"
"""What a partner reads as the text: the one of each giver has an id of its own."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """For whom a Consent is rendered, and the names this reader knows."""

    hub: Hub
    name: str
    child: str
    """The reader's own name of the child."""

    def person(self, child: UUID, person: UUID) -> str:
        """Name who decided, so that a parent of two children has two names."""
        return self.hub.vault.pairwise(self.name, uuid5(child, person.hex))


def consents_for(
    hub: Hub, caller: PartnerCaller, asked: Asked, *, at: datetime
) -> tuple[Disclosed, ...]:
    """Return the Consents on which something rests that this partner may see now, for the purpose.

    Absent, unknown and carrying nothing are the same nothing; each question is logged as a read.
    """
    with transaction(hub.engine) as tx:
        child = _child_asked(tx, hub, caller, asked)
        judgement = _judged(tx, hub, caller, child, asked, at=at) if child else None
        only = hub.vault.resolve(caller.partner, asked.resource) if asked.resource else None
        rows = _cited(tx, judgement, only) if judgement else ()
        basis = rests_on(hub, ACT, judgement, only=str(only) if only else None)
        line = _line(caller, asked, judgement, rows, basis=basis, at=at)
        access_log.append(tx, line)
    hub.bases.remember((basis,))
    if child is None:
        return ()
    reader = _Reader(hub, caller.partner, hub.vault.pairwise(caller.partner, child))
    return tuple(_for_partner(reader, row) for row in _as_far_as_it_goes(judgement, rows))


def consents_of_family(
    hub: Hub, person: PersonCaller, child: str, *, at: datetime
) -> tuple[dict[str, Any], ...] | None:
    """Return every decision and open question about an own child that this person may see."""
    who = UUID(person.person)
    with transaction(hub.engine) as tx:
        own = own_child(tx, hub, who, child, at=at)
        member = member_of(tx, hub, own, who, at=at) if own else None
        viewer = standing_of(tx, hub, own, who, at=at) if own else None
        if own is None or member is None or viewer is None:
            return None
        views = decisions_about(tx, hub, own, who, at=at)
        shown = [one for one in views if viewer.decides or one.mine]
        asked = asked_of(tx, own, who, at=at) if viewer.decides else ()
        reader = _Reader(hub, f"~family/{who}", str(own))
        found = [*_decided(tx, reader, shown, member), *_asked(reader, asked, member)]
    return tuple(consent_resource(one) for one in found)


def _child_asked(tx: Transaction, hub: Hub, caller: PartnerCaller, asked: Asked) -> UUID | None:
    if asked.resource is None:
        return hub.vault.resolve(caller.partner, asked.patient or "")
    wanted = hub.vault.resolve(caller.partner, asked.resource)
    row = consents.find(tx, wanted) if wanted else None
    return row.child if row else None


def _judged(
    tx: Transaction, hub: Hub, caller: PartnerCaller, child: UUID, asked: Asked, *, at: datetime
) -> Judgement | None:
    children.lock_shared(tx, child)
    return judge(
        tx,
        hub,
        recipient=caller.partner,
        child=child,
        parts=[part for part in resources.of_child(tx, child) if shareable(part)],
        purpose=asked.purpose,
        kind="pull",
        at=at,
    )


def _cited(tx: Transaction, judgement: Judgement, only: UUID | None) -> tuple[ConsentRow, ...]:
    cited = {UUID(one) for item in judgement.released for one in item.decision.consents}
    kept = sorted(one for one in cited if only in {None, one})
    return tuple(row for one in kept if (row := consents.find(tx, one)) is not None)


def _as_far_as_it_goes(
    judgement: Judgement | None, rows: Iterable[ConsentRow]
) -> Iterator[ConsentRow]:
    """Leave only classes that go now on each grant: the rest would tell who holds them back."""
    goes: dict[str, set[str]] = defaultdict(set)
    for item in judgement.released if judgement else ():
        for one in item.decision.consents:
            goes[one].add(item.stored.data_class)
    for row in rows:
        yield replace(row, classes=tuple(sorted(goes[str(row.id)])))


def _for_partner(reader: _Reader, row: ConsentRow) -> Disclosed:
    # It carries something at this instant, so it is active and in its period.
    decision = _stored(reader, row, State.ACTIVE, until=row.until)
    name = reader.hub.vault.pairwise(reader.name, row.id)
    # Who decided, and in which words, would tell that a child below 12 was assessed capable.
    unsaid = replace(decision, id=name, words=None, wording=_SHARED_WORDING, anonymous=True)
    content = consent_resource(unsaid)
    return Disclosed(id=name, version=_NO_VERSIONS, recorded_at=row.since, content=content)


def _decided(
    tx: Transaction, reader: _Reader, views: Iterable[DecisionView], member: Member
) -> Iterator[StoredDecision]:
    rows = {str(row.id): row for row in consents.of_child(tx, member.child)}
    for view in views:
        row = rows[view.id]
        annulled = view.state is State.WITHDRAWN and row.withdrawn_by is None
        child = member.facts.child
        yield _stored(
            reader,
            row,
            ANNULLED if annulled else view.state,
            until=last_day(_recorded(row), child),
        )


def _asked(reader: _Reader, asked: Iterable[Proposal], member: Member) -> Iterator[StoredDecision]:
    for one in asked:
        yield StoredDecision(
            id=str(one.id),
            child=reader.child,
            person=reader.person(member.child, member.person),
            effect="grant",
            classes=one.classes,
            purpose=one.purpose,
            partner=one.partner,
            since=one.proposed_at,
            until=one.until,
            wording="proposal",
            state=State.PROPOSED,
            giver=member.giver,
        )


def _stored(reader: _Reader, row: ConsentRow, state: str, *, until: date | None) -> StoredDecision:
    return StoredDecision(
        id=str(row.id),
        child=reader.child,
        person=reader.person(row.child, row.person),
        effect=row.effect,
        classes=row.classes,
        purpose=row.purpose,
        partner=row.partner,
        since=row.since,
        until=until,
        wording=f"{row.wording_id}/v{row.wording_version}",
        state=state,
        giver=row.giver,
        sources=row.sources,
        text_changed=changed_in_substance(row.wording_id, row.wording_version),
        words=Words(
            id=row.wording_id,
            version=row.wording_version,
            language=row.wording_language,
            sha256=row.wording_sha256,
        ),
    )


def _recorded(row: ConsentRow) -> Recorded:
    return Recorded(effect=row.effect, giver=row.giver, since=row.since, until=row.until)


def _line(
    caller: PartnerCaller,
    asked: Asked,
    judgement: Judgement | None,
    rows: Iterable[ConsentRow],
    *,
    basis: Basis | None,
    at: datetime,
) -> access_log.Entry:
    shown = tuple(row.id for row in rows)
    return access_log.Entry(
        at=at,
        act=ACT,
        actor=caller.partner,
        partner=caller.partner,
        role="system",
        purpose=asked.purpose,
        child=judgement.child if judgement else None,
        outcome="permit" if shown else "deny",
        rules=judgement.rules if judgement else (),
        consents=shown,
        correlation=asked.correlation,
        basis=basis,
        rules_version=EDITION if judgement else None,
    )
