"""A family in memory in place of the exchange, to render pages without a database."""

import asyncio
import json
from base64 import b64encode
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from itsdangerous import TimestampSigner
from sqlalchemy import create_engine

from consent.lifecycle import State
from gateway.api.problems import install_error_handlers
from gateway.auditor import routes as auditor
from gateway.clock import brussels_date
from gateway.exchange.assess import AssessmentView
from gateway.exchange.decisions import DecisionView
from gateway.exchange.family_view import ChildView, ConsentView, LookView, ServiceView
from gateway.exchange.give_consent import ConsentOrder
from gateway.exchange.hub import Hub
from gateway.exchange.preview import Preview, Wish
from gateway.exchange.read_notices import NoticeView
from gateway.exchange.reconfirm import ReconfirmOrder
from gateway.exchange.refusal import Refusal
from gateway.exchange.refuse import RefusalOrder
from gateway.exchange.search_log import LogLine, LogPage, LogQuery
from gateway.exchange.viewing import Standing, Viewer
from gateway.exchange.who_can_see import FileAnswer, PartAnswer
from gateway.exchange.wording import (
    Choices,
    Wording,
    wording_for,
    wording_of_reconfirm,
    wording_of_refusal,
)
from gateway.exchange.words_to_decide import Draft
from gateway.identity.callers import AuditorCaller, PersonCaller
from gateway.identity.session import install_sessions
from gateway.pages.static_files import mount_static
from gateway.portal import routes as portal
from gateway.settings import Settings
from gateway.store.proposals import Proposal
from gateway.store.vault import Vault

ISSUER = "http://127.0.0.1:8000"
SECRET = "a secret of thirty-two characters"
KEY = b64encode(bytes(32)).decode()
MOTHER, FATHER = "mother", "father"
NOOR = "7a0d2a52-6f0e-4f0e-9a3f-4b5d6c7e8f90"
NAMES = {
    "clb-voorbeeldstreek": ("Vrij CLB Voorbeeldstreek", "clb"),
    "caw-voorbeeldregio": ("CAW Voorbeeldregio", "caw"),
    "kdv-pimpeltje": ("Kinderdagverblijf Het Pimpeltje", "childcare"),
    "vaph": ("Vlaams Agentschap voor Personen met een Handicap", "vaph_admin"),
}


@dataclass
class Family:
    """Noor with her services; two parents who must both say yes."""

    given: list[tuple[str, ConsentView]] = field(default_factory=list)
    looks: list[LookView] = field(default_factory=list)
    lines: list[LogLine] = field(default_factory=list)
    queries: list[LogQuery] = field(default_factory=list)
    given_name: str = "Noor"
    standing: Standing = Standing.DECIDES
    is_me: bool = False
    parts: list[PartAnswer] = field(default_factory=list)
    preview: Preview | None = None
    wishes: list[Wish] = field(default_factory=list)
    notices: list[NoticeView] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    assessments: list[AssessmentView] = field(default_factory=list)
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

    def who_looked(
        self,
        _hub: Hub,
        _person: PersonCaller,
        child: str,
        *,
        at: datetime,  # noqa: ARG002 -- the use case's signature
    ) -> tuple[LookView, ...]:
        return tuple(self.looks) if child == NOOR else ()

    def times_looked(
        self,
        _hub: Hub,
        _person: PersonCaller,
        child: str,
        *,
        since: datetime,
        at: datetime,  # noqa: ARG002 -- idem
    ) -> int:
        return sum(1 for look in self.looks if child == NOOR and look.at >= since)

    def who_can_see(
        self, _hub: Hub, person: PersonCaller, child: str, *, at: datetime
    ) -> FileAnswer | None:
        if child != NOOR or not self.children_of(_hub, person, at=at):
            return None
        viewer = Viewer(
            child=UUID(NOOR),
            person=UUID(int=1),
            relation="self" if self.is_me else "parent",
            standing=self.standing,
        )
        parts = tuple(self.parts) if viewer.sees_file else ()
        return FileAnswer(child=NOOR, given_name=self.given_name, viewer=viewer, parts=parts)

    def preview_if_granted(
        self,
        _hub: Hub,
        _person: PersonCaller,
        wish: Wish,
        *,
        at: datetime,  # noqa: ARG002 -- the use case's signature
    ) -> Preview | None:
        self.wishes.append(wish)
        if self.preview is None or wish.child != NOOR:
            return None
        return replace(self.preview, wish=wish)

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

    def open_for(
        self,
        _hub: Hub,
        _person: PersonCaller,
        child: str,
        *,
        at: datetime,  # noqa: ARG002 -- the use case's signature
    ) -> tuple[Proposal, ...]:
        return tuple(self.proposals) if child == NOOR else ()

    def decline_proposal(
        self, _hub: Hub, _person: PersonCaller, proposal: str, *, at: datetime
    ) -> bool:
        self.done.append(("decline", proposal, None, at.year > 0))
        return True

    def assessments_about(
        self,
        _hub: Hub,
        _person: PersonCaller,
        child: str,
        *,
        at: datetime,  # noqa: ARG002 -- the use case's signature
    ) -> tuple[AssessmentView, ...]:
        return tuple(self.assessments) if child == NOOR else ()

    def contest_assessment(
        self, _hub: Hub, _person: PersonCaller, assessment: str, *, at: datetime
    ) -> bool:
        self.done.append(("assessment", assessment, None, at.year > 0))
        return True

    def notices_of(
        self,
        _hub: Hub,
        _person: PersonCaller,
        *,
        at: datetime,  # noqa: ARG002 -- the use case's signature
    ) -> tuple[NoticeView, ...]:
        return tuple(self.notices)

    def mark_notice_read(
        self,
        _hub: Hub,
        _person: PersonCaller,
        notice: str,
        *,
        at: datetime,  # noqa: ARG002 -- the use case's signature
    ) -> bool:
        self.notices = [replace(one, read=one.read or one.id == notice) for one in self.notices]
        return True

    def one_look(
        self,
        _hub: Hub,
        _person: PersonCaller,
        child: str,
        line: str,
        *,
        at: datetime,  # noqa: ARG002 -- the use case's signature
    ) -> LookView | None:
        return next((one for one in self.looks if child == NOOR and one.line == line), None)

    def search_log(
        self,
        _hub: Hub,
        _auditor: AuditorCaller,
        query: LogQuery,
        *,
        at: datetime,  # noqa: ARG002 -- idem
    ) -> LogPage:
        self.queries.append(query)
        lines = [line for line in self.lines if query.after is None or line.id < query.after]
        more = len(lines) > query.limit
        shown = tuple(lines[: query.limit])
        return LogPage(entries=shown, next=shown[-1].id if more else None)


def patch_exchange(patch: pytest.MonkeyPatch, family: Family) -> None:
    """Put the family in the place of the use cases, where the pages call them."""
    for module in ("overview", "looks", "family", "seeing", "decisions", "asked"):
        patch.setattr(f"gateway.portal.{module}.children_of", family.children_of)
    for module in ("seeing", "seeing_api"):
        patch.setattr(f"gateway.portal.{module}.who_can_see", family.who_can_see)
    for module in ("ask", "seeing_api"):
        patch.setattr(f"gateway.portal.{module}.preview_if_granted", family.preview_if_granted)
    for module in ("api", "decisions"):
        patch.setattr(f"gateway.portal.{module}.decisions_of", family.decisions_of)
    for module in ("api", "say_no"):
        patch.setattr(f"gateway.portal.{module}.words_to_decide", family.words_to_decide)
    patch.setattr("gateway.portal.say_no.refuse", family.refuse)
    patch.setattr("gateway.portal.decisions.contest_consent", family.contest_consent)
    patch.setattr("gateway.portal.decisions.withdraw_consent", family.withdraw_consent)
    patch.setattr("gateway.portal.again.words_to_reconfirm", family.words_to_reconfirm)
    patch.setattr("gateway.portal.again.reconfirm", family.reconfirm)
    patch.setattr("gateway.portal.asked.open_for", family.open_for)
    patch.setattr("gateway.portal.answer.decline_proposal", family.decline_proposal)
    patch.setattr("gateway.portal.asked.assessments_about", family.assessments_about)
    patch.setattr("gateway.portal.asked.contest_assessment", family.contest_assessment)
    patch.setattr("gateway.portal.overview.notices_of", family.notices_of)
    patch.setattr("gateway.portal.notices.mark_notice_read", family.mark_notice_read)
    patch.setattr("gateway.portal.seeing_api.one_look", family.one_look)
    patch.setattr("gateway.portal.looks.who_looked", family.who_looked)
    patch.setattr("gateway.portal.overview.times_looked", family.times_looked)
    for module in ("answer", "api"):
        patch.setattr(f"gateway.portal.{module}.give_consent", family.give_consent)
    for module in ("stop", "api"):
        patch.setattr(f"gateway.portal.{module}.withdraw_consent", family.withdraw_consent)
    patch.setattr("gateway.auditor.search.search_log", family.search_log)


def settings(**changes: Any) -> Settings:
    """Settings for pages alone; nothing in them is reached."""
    values: dict[str, Any] = {
        "environment": "laptop",
        "database_url": "postgresql+psycopg://nobody@/nowhere",
        "issuer": ISSUER,
        "key_encryption_key": KEY,
        "pseudonym_key": KEY,
        "session_secret": SECRET,
        "signing_key": "{}",
        "intake_key": "{}",
        "oidc_issuer": "http://127.0.0.1:9000",
        "oidc_client_id": "deelregie",
        "oidc_client_secret": "secret",
    }
    return Settings(**(values | changes))


def pages_app(chosen: Settings) -> FastAPI:
    """The pages as the hub serves them, on a database that is never reached."""
    app = FastAPI()
    engine = create_engine(chosen.database_url.get_secret_value())
    app.state.hub = Hub(chosen, engine, Vault.from_base64(KEY, KEY))
    install_error_handlers(app)
    install_sessions(app, chosen)
    app.include_router(portal.router)
    app.include_router(auditor.router)
    mount_static(app)
    return app


class Visitor:
    """A browser without JavaScript: keeps cookies, follows nothing by itself."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.cookies = httpx.Cookies()

    def signed_in(self, **session: Any) -> "Visitor":
        moment = int(datetime.now(UTC).timestamp())
        held = {"since": moment, "seen": moment, "csrf": "token", "roles": [], **session}
        data = b64encode(json.dumps(held).encode())
        signed = TimestampSigner(SECRET).sign(data).decode()
        self.cookies.set("deelregie", signed, domain="127.0.0.1")
        return self

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._ask("GET", path, headers=headers)

    def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        return self._ask("POST", path, data=data or {}, headers=headers)

    def post_json(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self._ask("POST", path, json=body, headers=headers)

    def _ask(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        kwargs["headers"] = {
            name.replace("_", "-"): value for name, value in kwargs["headers"].items()
        }
        return asyncio.run(self._send(method, path, kwargs))

    async def _send(self, method: str, path: str, kwargs: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url=ISSUER, cookies=self.cookies
        ) as client:
            response = await client.request(method, path, **kwargs)
            self.cookies = client.cookies
            return response
