"""Two siblings whom services know, one of whom is erased with everything there is of her."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table, insert, select, text, update

from gateway.exchange.deliveries.release_key import release_keys
from gateway.exchange.deliveries.seal_delivery import claim_and_seal, mark_sent
from gateway.exchange.disclose import Asked, disclose
from gateway.exchange.erasure.erase_child import (
    Decider,
    Erased,
    ErasureRequest,
    NotErased,
    ask_erasure,
    confirm_erasure,
)
from gateway.exchange.families.give_consent import ConsentOrder, give_consent
from gateway.exchange.wording import wording_for
from gateway.identity.callers import PartnerCaller, PersonCaller
from gateway.store import children
from gateway.store.engine import transaction
from gateway.store.erasure_tables import metadata
from gateway.store.tables import care_relation, delivery, family_tie, resource
from tests.integration.identity.world import Desk, diagnosis, number, somebody
from tests.support.running_hub import CLB, PARTNERS, VAPH

NOOR, SAM, MOTHER, FATHER = number(11), number(12), number(21, year="90"), number(22, year="88")
DPO, AUDITOR = Decider(name="auditor/dpo", is_dpo=True), Decider(name="auditor/other")
Rows = dict[str, list[str]]


@dataclass
class Family:
    """Noor, who will be erased, and Sam, who stays; both with one mother."""

    desk: Desk
    noor: UUID
    sam: UUID
    feed: UUID
    """The receipt of a file with both children."""
    alone: UUID
    """The receipt of a file with Noor alone."""

    def person(self, insz: str) -> UUID | None:
        with transaction(self.desk.hub.engine) as tx:
            return children.person_by_insz(tx, self.desk.hub.vault.lookup("insz", insz))

    def grant(self, child: UUID, insz: str) -> str:
        """Let a parent share diagnoses with the CLB."""
        self.desk.at += timedelta(minutes=1)
        until = self.desk.at.date() + timedelta(days=60)
        classes = frozenset({"diagnosis"})
        words = wording_for(
            language="nl",
            classes=classes,
            purpose="care",
            partner_name=PARTNERS[CLB][0],
            until=until,
        )
        order = ConsentOrder(
            child=str(child),
            classes=classes,
            purpose="care",
            to=CLB,
            until=until,
            language="nl",
            wording_sha256=words.sha256,
        )
        who = PersonCaller(person=str(self.person(insz)), correlation="test")
        given = give_consent(self.desk.hub, who, order, at=self.desk.at)
        assert isinstance(given, str), given
        return given

    def send(self) -> list[Any]:
        """Let the relay seal and send what is due."""
        sealed = claim_and_seal(self.desk.hub, limit=1_000, at=self.desk.at)
        mark_sent(self.desk.hub, [(one.delivery, 0) for one in sealed], at=self.desk.at)
        return list(sealed)

    def keys(self, ids: list[str]) -> dict[str, str]:
        caller = PartnerCaller(partner=CLB, scopes=frozenset())
        found = release_keys(self.desk.hub, caller, ids, at=self.desk.at)
        return {one.id: one.state for one in found}

    def reads(self, child: UUID, partner: str = CLB) -> list[Any]:
        """Let a service read diagnoses over HTTP."""
        patient = self.desk.hub.vault.pairwise(partner, child)
        asked = Asked(type="Condition", purpose="care", patient=patient)
        caller = PartnerCaller(partner=partner, scopes=frozenset())
        return list(disclose(self.desk.hub, caller, asked, at=self.desk.at))

    def ask(self, child: UUID | None = None, by: Decider = AUDITOR, **more: Any) -> Any:
        self.desk.at += timedelta(minutes=1)
        said = {"ground": "unlawful", "reason": "een fout van Noor Peeters"} | more
        request = ErasureRequest(child=child or self.noor, **said)
        return ask_erasure(self.desk.hub, request, by, at=self.desk.at)

    def confirm(self, wanted: UUID, by: Decider = DPO) -> Erased | NotErased:
        self.desk.at += timedelta(minutes=1)
        return confirm_erasure(self.desk.hub, wanted, by, at=self.desk.at)

    def erase(self) -> Erased:
        done = self.confirm(self.ask())
        assert isinstance(done, Erased), done
        return done

    def rows(self) -> Rows:
        """Return every row of every table, as the database holds it."""
        with transaction(self.desk.hub.engine) as tx:
            return {
                name: [row[0] for row in tx.execute(text(f'select t::text from "{name}" t'))]
                for name in metadata.tables
            }

    def put(self, table: str, **values: Any) -> None:
        with transaction(self.desk.hub.engine) as tx:
            tx.execute(insert(_table(table)).values(**values))


def _table(name: str) -> Table:
    return metadata.tables[name]


def a_family(desk: Desk) -> Family:
    """Let services tell of two siblings, their parents share, and a service read."""
    parents = (MOTHER, FATHER)
    says = (diagnosis("F80.2"),)
    noor = somebody("Peeters", "Noor", insz=NOOR, local="L-1", says=says, parents=parents)
    sam = somebody(
        "Peeters", "Sam", "2019-03-15", insz=SAM, local="L-2", says=(diagnosis("F90.0"),),
        parents=(MOTHER,),
    )  # fmt: skip
    feed = desk.tell(VAPH, noor, sam)
    again = somebody("Peeters", "Noor", insz=NOOR, says=(diagnosis("F84.0"),), parents=parents)
    alone = desk.tell(VAPH, again)
    found = [desk.found(one) for one in (NOOR, SAM)]
    assert found[0]
    assert found[1]
    family = Family(desk, found[0], found[1], feed, alone)
    with transaction(desk.hub.engine) as tx:
        for child in (family.noor, family.sam):
            children.start_care(tx, child, CLB, at=desk.at)
            tx.execute(update(care_relation).values(since=desk.at - timedelta(days=1)))
            tx.execute(update(family_tie).values(claimed_at=desk.at - timedelta(days=1)))
    for child, giver in ((family.noor, MOTHER), (family.noor, FATHER), (family.sam, MOTHER)):
        family.grant(child, giver)
    return family


def shared(family: Family) -> list[str]:
    """Let the CLB open one message about each child, read over HTTP, and leave others unopened."""
    sent = [one.delivery for one in family.send()]
    with transaction(family.desk.hub.engine) as tx:
        rows = tx.execute(select(delivery.c.id, delivery.c.child).order_by(delivery.c.sequence))
        first = {row.child: str(row.id) for row in rows}
    family.keys(sorted(first.values()))
    family.reads(family.noor)
    family.reads(family.sam)
    return sent


def fill_every_table(family: Family, child: UUID) -> None:
    """Put a row about a child where no act of this world did."""
    at, person, blob = family.desk.at, family.person(MOTHER), secrets.token_bytes(40)
    with transaction(family.desk.hub.engine) as tx:
        focus = tx.execute(select(resource.c.id).where(resource.c.child == child)).scalars().first()
    proposal, route = uuid4(), uuid4()
    day = date(2026, 12, 1)
    family.put("age_event", child=child, event="turned_twelve", done_at=at)
    family.put(
        "capacity_assessment", id=uuid4(), child=child, partner=CLB, outcome="capable",
        reasons=blob, assessor=blob, assessed_at=at, contested_by=person,
    )  # fmt: skip
    family.put(
        "consent_proposal", id=proposal, child=child, partner=CLB, classes=["diagnosis"],
        purpose="care", until=day, proposed_at=at,
    )  # fmt: skip
    family.put(
        "proposal_answer", proposal=proposal, person=person, answer="declined", answered_at=at
    )
    family.put(
        "family_notice", id=uuid4(), child=child, person=person, kind="turns_twelve",
        subject=str(child), day=day, made_at=at, release_at=at,
    )  # fmt: skip
    family.put(
        "legal_route", id=route, child=child, ground="necessity", source=VAPH, recipient=CLB,
        purpose="safety", resources=[focus], record=blob, complete=True, idempotency_key=blob,
        said=blob, invoked_at=at,
    )  # fmt: skip
    family.put(
        "route_review", route=route, capacity="dpo", reviewer="auditor/x", finding="unclear",
        reasons=blob, reviewed_at=at,
    )  # fmt: skip
    family.put(
        "relayed_request", id=uuid4(), child=child, holder=VAPH, asked_by=CLB, question=blob,
        asked_at=at,
    )  # fmt: skip
    family.put(
        "diagnosis_task", id=uuid4(), child=child, kind="confirm", proposal=blob, focus=focus,
        version=1, statement=focus, owner=VAPH, reasons=[], status="requested", raised_at=at,
        changed_at=at,
    )  # fmt: skip
    family.put(
        "review_item", id=uuid4(), kind="conflict", part=str(focus), candidates=[], evidence={},
        raised_at=at,
    )  # fmt: skip
    family.put(
        "review_item", id=uuid4(), kind="identity_match", part="older", candidates=[child],
        evidence={"proposals": [{"child": str(child)}]}, raised_at=at, state="decided",
    )  # fmt: skip
    family.put("match_again", child=child)
    family.put(
        "match_verdict", subject=blob, child=child, same=True, decided_by="operator", decided_at=at
    )
    number_of = secrets.token_bytes(32)
    family.put("child_lookup", kind="insz", value_hash=number_of, child=child, state="old")
    family.put("cancelled_number", value_hash=number_of, cancelled_at=at)
    for table in ("scope_statement", "scope_delivery"):
        more = (
            {"key_hash": blob, "said_at": ""}
            if table == "scope_statement"
            else {"sha256": blob, "asserted_at": "", "receipt": family.feed}
        )
        family.put(table, partner=VAPH, scope_hash=child.bytes + b"vaph", **more)
    family.put(
        "reidentification", id=uuid4(), child=child, words=blob, asked_by="auditor/x", asked_at=at
    )
