"""A family in memory in place of the exchange, to render pages without a database."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import pytest

from gateway.exchange.audit.search_log import LogLine, LogPage, LogQuery
from gateway.exchange.families.assess import AssessmentView
from gateway.exchange.families.viewing import Viewer
from gateway.exchange.family_views.family_view import LookView
from gateway.exchange.family_views.preview import Preview, Wish
from gateway.exchange.family_views.read_notices import NoticeView
from gateway.exchange.family_views.who_can_see import FileAnswer, PartAnswer
from gateway.exchange.hub import Hub
from gateway.identity.callers import AuditorCaller, PersonCaller
from gateway.store.proposals import Proposal
from tests.unit.pages.deciding import FATHER, MOTHER, NAMES, NOOR, Deciding

__all__ = ["FATHER", "MOTHER", "NAMES", "NOOR", "Family", "patch_exchange"]


@dataclass
class Family(Deciding):
    """The family that decides, with everything else that its pages show."""

    looks: list[LookView] = field(default_factory=list)
    lines: list[LogLine] = field(default_factory=list)
    queries: list[LogQuery] = field(default_factory=list)
    parts: list[PartAnswer] = field(default_factory=list)
    preview: Preview | None = None
    wishes: list[Wish] = field(default_factory=list)
    notices: list[NoticeView] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    assessments: list[AssessmentView] = field(default_factory=list)

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
