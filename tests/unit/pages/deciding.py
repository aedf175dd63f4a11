"""A family in memory that decides: what it gave, refused and said again, as the exchange would."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from consent.lifecycle import State
from gateway.clock import brussels_date
from gateway.exchange.families.decisions import DecisionView
from gateway.exchange.families.give_consent import ConsentOrder
from gateway.exchange.families.reconfirm import ReconfirmOrder
from gateway.exchange.families.refuse import RefusalOrder
from gateway.exchange.families.viewing import Standing
from gateway.exchange.families.words_to_decide import Draft
from gateway.exchange.family_views.family_view import ChildView, ConsentView, ServiceView
from gateway.exchange.hub import Hub
from gateway.exchange.refusal import Refusal
from gateway.exchange.wording import (
    Choices,
    Wording,
    wording_for,
    wording_of_reconfirm,
    wording_of_refusal,
)
from gateway.identity.callers import PersonCaller

MOTHER, FATHER = "mother", "father"
NOOR = "7a0d2a52-6f0e-4f0e-9a3f-4b5d6c7e8f90"
NAMES = {
    "clb-voorbeeldstreek": ("Vrij CLB Voorbeeldstreek", "clb"),
    "caw-voorbeeldregio": ("CAW Voorbeeldregio", "caw"),
    "kdv-pimpeltje": ("Kinderdagverblijf Het Pimpeltje", "childcare"),
    "vaph": ("Vlaams Agentschap voor Personen met een Handicap", "vaph_admin"),
}


@dataclass
class Deciding:
    """Noor with her services; two parents who must both say yes."""

    given: list[tuple[str, ConsentView]] = field(default_factory=list)
    given_name: str = "Noor"
    standing: Standing = Standing.DECIDES
    is_me: bool = False
    done: list[tuple[str, str, frozenset[str] | None, bool]] = field(default_factory=list)
    states: dict[str, State] = field(default_factory=dict)
    effects: dict[str, str] = field(default_factory=dict)
    acts: dict[str, frozenset[str]] = field(default_factory=dict)

    def children_of(
        self, _hub: Hub, person: PersonCaller, *, at: datetime
    ) -> tuple[ChildView, ...]:
        if person.person not in {MOTHER, FATHER}:
            return ()
        consents = tuple(
            replace(view, mine=giver == person.person) for giver, view in reversed(self.given)
        )
        services = tuple(
            self._service(partner, person.person, brussels_date(at)) for partner in NAMES
        )
        return (
            ChildView(
                id=NOOR,
                given_name=self.given_name,
                services=services if self.standing is Standing.DECIDES else (),
                consents=consents,
                standing=self.standing,
                giver="self" if self.is_me else "parent",
            ),
        )

    def _service(self, partner: str, person: str, today: date) -> ServiceView:
        runs = [
            (giver, view.classes)
            for giver, view in self.given
            if view.partner == partner and not view.withdrawn and view.until >= today
        ]
        by = {
            parent: frozenset[str]().union(*(classes for giver, classes in runs if giver == parent))
            for parent in (MOTHER, FATHER)
        }
        sees = by[MOTHER] & by[FATHER]
        waiting = "waiting_for_other_parent" if by.get(person) else "may_not_see"
        name, kind = NAMES[partner]
        return ServiceView(
            partner=partner, name=name, kind=kind, sees=sees, state="may_see" if sees else waiting
        )

    def give(
        self,
        giver: str,
        partner: str,
        classes: set[str],
        *,
        at: datetime | None = None,
        until: date | None = None,
    ) -> str:
        since = at or datetime.now(UTC)
        consent = ConsentView(
            id=f"consent-{len(self.given) + 1}",
            partner=partner,
            partner_name=NAMES[partner][0],
            heir=partner,
            classes=frozenset(classes),
            purpose="care",
            since=since,
            until=until or since.date() + timedelta(days=364),
            withdrawn=None,
            mine=False,
        )
        self.given.append((giver, consent))
        return consent.id

    def give_consent(
        self, _hub: Hub, person: PersonCaller, order: ConsentOrder, *, at: datetime
    ) -> str | Refusal:
        if order.child != NOOR:
            return Refusal("unknown_child", "choose one of your own children")
        wording = wording_for(
            language=order.language,
            classes=order.classes,
            purpose=order.purpose,
            partner_name=NAMES[order.to][0],
            until=order.until,
        )
        if wording.sha256 != order.wording_sha256:
            return Refusal("wording_changed", "read the text again")
        return self.give(person.person, order.to, {*order.classes}, at=at, until=order.until)

    def withdraw_consent(
        self, _hub: Hub, person: PersonCaller, consent_id: str, *, at: datetime
    ) -> bool:
        for index, (giver, view) in enumerate(self.given):
            if view.id == consent_id and giver == person.person:
                self.given[index] = (giver, replace(view, withdrawn=view.withdrawn or at))
                return True
        return False

    def decisions_of(
        self, _hub: Hub, person: PersonCaller, child: str | None, *, at: datetime
    ) -> tuple[DecisionView, ...] | None:
        """Every decision of both parents; nothing for who is no family."""
        if not self.children_of(_hub, person, at=at):
            return None if child else ()
        if child not in {None, NOOR}:
            return None
        return tuple(
            self._decision(giver, view, person, brussels_date(at)) for giver, view in self.given
        )

    def _decision(
        self, giver: str, view: ConsentView, person: PersonCaller, today: date
    ) -> DecisionView:
        mine = giver == person.person
        state = State.ACTIVE if view.until >= today else State.EXPIRED
        state = self.states.get(view.id, State.WITHDRAWN if view.withdrawn else state)
        return DecisionView(
            id=view.id,
            child=NOOR,
            effect=self.effects.get(view.id, "grant"),
            giver="self" if self.is_me else "parent",
            mine=mine,
            state=state,
            classes=view.classes or None,
            purpose=view.purpose or None,
            partner=view.partner or None,
            partner_name=view.partner_name or None,
            sources=None,
            since=view.since,
            until=view.until,
            withdrawn=view.withdrawn,
            assisted_by=None,
            wording_id="share",
            wording_version="1",
            wording_language="nl",
            can=self.acts.get(view.id, frozenset({"withdraw"} if mine else ())),
        )

    def words_to_decide(
        self, _hub: Hub, person: PersonCaller, draft: Draft, *, at: datetime
    ) -> Wording | Refusal:
        if draft.child != NOOR or not self.children_of(_hub, person, at=at):
            return Refusal("unknown_child", "choose one of your own children")
        name = NAMES[draft.to][0] if draft.to else None
        if draft.effect != "grant":
            chosen = Choices(
                giver="self" if self.is_me else "parent",
                classes=draft.classes,
                purpose=draft.purpose,
                partner_name=name,
                until=draft.until,
            )
            return wording_of_refusal(language=draft.language, effect=draft.effect, choices=chosen)
        assert draft.classes is not None
        assert draft.purpose is not None
        assert draft.until is not None
        return wording_for(
            language=draft.language,
            classes=draft.classes,
            purpose=draft.purpose,
            partner_name=name or "",
            until=draft.until,
        )

    def refuse(
        self, _hub: Hub, _person: PersonCaller, order: RefusalOrder, *, at: datetime
    ) -> str | Refusal:
        chosen = Choices(
            giver="parent",
            classes=order.classes,
            purpose=order.purpose,
            partner_name=NAMES[order.to][0] if order.to else None,
            until=order.until,
        )
        words = wording_of_refusal(language=order.language, effect=order.effect, choices=chosen)
        if words.sha256 != order.wording_sha256:
            return Refusal("wording_changed", "read the text again")
        self.done.append((order.effect, order.to or "", order.classes, at.year > 0))
        return "no-1"

    def contest_consent(
        self, _hub: Hub, _person: PersonCaller, consent_id: str, *, at: datetime
    ) -> bool | Refusal:
        self.done.append(("contest", consent_id, None, at.year > 0))
        return True

    def words_to_reconfirm(
        self, _hub: Hub, _person: PersonCaller, consent_id: str, *, language: str, at: datetime
    ) -> Wording | Refusal:
        found = [view for _, view in self.given if view.id == consent_id]
        if not found or at.year == 0:
            return Refusal("unknown_consent", "choose one of the decisions that you can see")
        return wording_of_reconfirm(
            language=language,
            giver="parent",
            classes=found[0].classes,
            purpose=found[0].purpose,
            partner_name=found[0].partner_name,
            until=found[0].until,
        )

    def reconfirm(
        self, hub: Hub, person: PersonCaller, order: ReconfirmOrder, *, at: datetime
    ) -> str | Refusal:
        words = self.words_to_reconfirm(hub, person, order.consent, language=order.language, at=at)
        if isinstance(words, Refusal) or words.sha256 != order.wording_sha256:
            return Refusal("wording_changed", "read the text again")
        self.done.append(("again", order.consent, None, True))
        return "again-1"
