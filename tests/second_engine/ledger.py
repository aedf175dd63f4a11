"""What the family decided: what covers a segment, and where each holder stands (section 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consent.model import Consent, Facts, Request
from tests.second_engine import services
from tests.second_engine.family import is_known
from tests.second_engine.moments import (
    EARLIEST,
    LATEST,
    begin_of,
    has_begun,
    is_readable,
    runs,
)
from tests.second_engine.reader import Reader

MUST_BE_NAMED = {"sexual_health", "parent_data", "third_party", "confidential"}
OBJECTIONS = {"object", "object_gdpr", "restrict_gdpr"}
Specificity = tuple[int, int, int, int]


@dataclass(frozen=True)
class Standing:
    """Where one holder stands on one class, and the grants that rests on."""

    word: str
    """granted, refused, withdrawn or nothing."""
    grants: tuple[Consent, ...] = ()
    excluded: bool = False


NOTHING = Standing("nothing")


@dataclass(frozen=True)
class Refusal:
    """A running refusal, or a grant that was withdrawn."""

    consent: Consent
    since: datetime
    withdrawn: bool


def is_grant(consent: Consent) -> bool:
    """Tell whether it gives leave."""
    return consent.effect == "grant"


def is_refusal(consent: Consent) -> bool:
    """Tell whether it refuses or excludes; what cannot be read does."""
    return not is_grant(consent) and consent.effect not in OBJECTIONS


def is_withdrawn(consent: Consent, at: datetime) -> bool:
    """Tell whether it was withdrawn; an unreadable moment counts against sharing."""
    if consent.withdrawn is None:
        return False
    return has_begun(consent.withdrawn, at, unreadable=is_grant(consent))


def is_running(consent: Consent, at: datetime) -> bool:
    """Tell whether `since` is reached, `until` not passed, and it is not withdrawn."""
    if is_withdrawn(consent, at):
        return False
    return runs(consent.since, consent.until, at, unreadable=not is_grant(consent))


def covers_class(consent: Consent, data_class: str) -> bool:
    """Tell whether a decision is about a class; some must be named in a grant."""
    if consent.classes is None:
        return not (is_grant(consent) and data_class in MUST_BE_NAMED)
    return data_class in consent.classes


def specificity(consent: Consent) -> Specificity:
    """Named beats any, a person beats a service: class, purpose, source, recipient."""
    recipient = 2 if consent.to_person is not None else 1 if consent.to is not None else 0
    return (
        int(consent.classes is not None),
        int(consent.purpose is not None),
        int(consent.from_services is not None),
        recipient,
    )


def instant_of(consent: Consent) -> datetime:
    """When it was decided; `since` left out is always, and the unreadable is never overtaken."""
    if consent.since is None:
        return EARLIEST
    return begin_of(consent.since) if is_readable(consent.since) else LATEST


def lifts(grant: Consent, no: Refusal) -> bool:
    """Tell whether a grant is newer than a refusal and at least as specific in every respect."""
    pairs = zip(specificity(grant), specificity(no.consent), strict=True)
    return instant_of(grant) > no.since and all(mine >= theirs for mine, theirs in pairs)


class Ledger:
    """The decisions of one file, read for one request at one instant."""

    def __init__(
        self,
        facts: Facts,
        request: Request,
        reader: Reader,
        at: datetime,
        consents: Sequence[Consent] | None = None,
    ) -> None:
        self.facts, self.request, self.reader, self.at = facts, request, reader, at
        self.consents = facts.consents if consents is None else consents
        self._standings: dict[tuple[str, str], Standing] = {}

    def by(self, holder: str) -> list[Consent]:
        """Everything one person decided."""
        return [consent for consent in self.consents if consent.by == holder]

    def matches_purpose_and_source(self, consent: Consent) -> bool:
        """Tell whether it is about this purpose and this source."""
        if consent.purpose not in {None, self.request.purpose}:
            return False
        return consent.from_services is None or any(
            services.matches(named, self.facts.record.source, self.facts.services)
            for named in consent.from_services
        )

    def reaches(self, consent: Consent) -> bool:
        """Tell whether it is about this reader."""
        if consent.to_person is not None:
            return self._names_reader(consent)
        if consent.to is None:
            return True
        return any(
            services.matches(named, self.reader.service, self.facts.services)
            for named in consent.to
        )

    def _names_reader(self, consent: Consent) -> bool:
        if consent.to_person != self.reader.name:
            return False
        there = consent.to_person_at
        if not is_grant(consent) or is_withdrawn(consent, self.at) or there is None:
            return True
        return services.matches(there, self.reader.service, self.facts.services)

    def covers(self, consent: Consent, data_class: str) -> bool:
        """Tell whether a decision matches in class, purpose, source and recipient."""
        return (
            covers_class(consent, data_class)
            and self.matches_purpose_and_source(consent)
            and self.reaches(consent)
        )

    def running_grants(self, holder: str) -> list[Consent]:
        """Grants by one holder that run, whatever they are about."""
        return [c for c in self.by(holder) if is_grant(c) and is_running(c, self.at)]

    def covering_grants(self, holder: str, data_class: str) -> list[Consent]:
        """Running grants by one holder that cover a class for this request."""
        return [c for c in self.running_grants(holder) if self.covers(c, data_class)]

    def _refusals(self, holder: str, data_class: str) -> list[Refusal]:
        refusals = []
        for consent in self.by(holder):
            if not self.covers(consent, data_class):
                continue
            if is_refusal(consent) and is_running(consent, self.at):
                refusals.append(Refusal(consent, instant_of(consent), withdrawn=False))
            elif is_grant(consent) and is_withdrawn(consent, self.at):
                refusals.append(Refusal(consent, _withdrawal(consent), withdrawn=True))
        return refusals

    def standing(self, holder: str, data_class: str) -> Standing:
        """Weigh a holder's refusals against the same holder's grants."""
        key = holder, data_class
        if key not in self._standings:
            self._standings[key] = self._weigh(holder, data_class)
        return self._standings[key]

    def _weigh(self, holder: str, data_class: str) -> Standing:
        grants = self.covering_grants(holder, data_class)
        refusals = self._refusals(holder, data_class)
        left = [no for no in refusals if not any(lifts(g, no) for g in grants)]
        if not left:
            # Somebody the file does not know can refuse, but releases nothing.
            counts = grants and is_known(holder, self.facts)
            return Standing("granted", _prevailing(grants, refusals)) if counts else NOTHING
        withdrawn_only = all(no.withdrawn for no in left)
        excluded = any(no.consent.effect == "exclude" for no in left)
        return Standing("withdrawn" if withdrawn_only else "refused", excluded=excluded)

    def granted(self, holder: str, data_class: str) -> bool:
        """Tell whether a holder stands granted."""
        return self.standing(holder, data_class).word == "granted"

    def said_no(self, holder: str, data_class: str) -> bool:
        """Tell whether a holder stands refused or withdrawn."""
        return self.standing(holder, data_class).word in {"refused", "withdrawn"}

    def decided_nothing(self, holder: str, data_class: str) -> bool:
        """Tell whether a holder has no running decision on this: no objection either."""
        stands = self.standing(holder, data_class).word == "nothing"
        return stands and not any(
            consent.effect in OBJECTIONS
            and is_running(consent, self.at)
            and covers_class(consent, data_class)
            and self.matches_purpose_and_source(consent)
            for consent in self.by(holder)
        )

    def objects(self, holder: str, data_class: str) -> bool:
        """Tell whether an objection to a CLB transfer runs for this class."""
        return any(
            consent.effect == "object"
            and is_running(consent, self.at)
            and covers_class(consent, data_class)
            for consent in self.by(holder)
        )

    def gdpr_pending(self, holder: str, data_class: str) -> bool:
        """Tell whether an objection or restriction is pending for class, purpose and source."""
        return any(
            consent.effect in {"object_gdpr", "restrict_gdpr"}
            and is_running(consent, self.at)
            and covers_class(consent, data_class)
            and self.matches_purpose_and_source(consent)
            for consent in self.by(holder)
        )


def _prevailing(grants: list[Consent], refusals: list[Refusal]) -> tuple[Consent, ...]:
    """The grants that no refusal ended, where those whose text is unchanged are enough: only they.

    Where it took several to lift all refusals, these are the grants that lifted one.
    """
    alone = [grant for grant in grants if all(lifts(grant, no) for no in refusals)]
    prevailing = alone or [grant for grant in grants if any(lifts(grant, no) for no in refusals)]
    unchanged = [grant for grant in prevailing if not grant.text_changed]
    enough = unchanged and all(any(lifts(grant, no) for grant in unchanged) for no in refusals)
    return tuple(unchanged if enough else prevailing)


def _withdrawal(consent: Consent) -> datetime:
    moment = consent.withdrawn
    return begin_of(moment) if moment is not None and is_readable(moment) else LATEST
