"""Which decisions count for a request, and where each person stands on a class."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

from consent.asker import Asker
from consent.model import Consent
from consent.moments import Now, begun, instant_of, over
from consent.vocabulary import NAMED_ONLY_CLASSES, OBJECTIONS


class Standing(StrEnum):
    """Where a person stands on one class for this recipient, purpose and source."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NOTHING = "nothing"


class Stand(NamedTuple):
    """A standing and the grants it rests on."""

    standing: Standing
    grants: tuple[Consent, ...] = ()
    excluded: bool = False
    text_changed: bool = False


_GRANTED = Standing.GRANTED
NOTHING = Stand(Standing.NOTHING)


class Granting(NamedTuple):
    """What carries a segment; nothing does when `carried` is false."""

    carried: bool
    by_one_parent: bool = False
    to_reconfirm: bool = False
    stands: tuple[Stand, ...] = ()
    rests_on: tuple[str, ...] = ()
    """The ids of the grants, in order."""


class Decisions(NamedTuple):
    """The decisions that match purpose and source, sorted by what they do now."""

    yes: dict[str, list[Consent]]
    no: dict[str, list[Consent]]
    elsewhere: list[Consent]
    """Grants that name somebody else, or what merged into the asker's service with another mission;
    whether they run is left to who asks."""
    objections: list[Consent]
    """Objections and restrictions that run, whoever the recipient is."""


def decisions_for(
    consents: Iterable[Consent], purpose: str, sources: frozenset[str], asker: Asker, now: Now
) -> Decisions:
    """Sort the decisions once per request; class is left to each segment."""
    found = Decisions({}, {}, [], [])
    yes, no, elsewhere, objections = found
    took_over, today = bool(asker.lapsed), now.today
    for consent in _in_sight(consents, asker):
        meant_for, held_by = consent.purpose, consent.from_services
        if meant_for is not None and meant_for != purpose:
            continue
        if held_by is not None and held_by.isdisjoint(sources):
            continue
        if consent.effect == "grant" and (consent.withdrawn is None or _not_yet(consent, now)):
            since, until = consent.since, consent.until
            if (took_over or consent.to_person is not None) and not _reaches(consent, asker):
                elsewhere.append(consent)
            # Two whole days, as most have, are compared here: a call takes longer than that.
            elif (
                since <= today <= until
                if type(since) is date and type(until) is date
                else grant_runs(consent, now)
            ):
                yes.setdefault(consent.by, []).append(consent)
        elif speaks_against(consent, now):
            if consent.effect in OBJECTIONS:
                objections.append(consent)
            elif _reaches(consent, asker, wherever=True):
                no.setdefault(consent.by, []).append(consent)
    return found


def _in_sight(consents: Iterable[Consent], asker: Asker) -> list[Consent]:
    """Leave out the grants that name other services: in a thick file nearly all, and soon seen."""
    names = asker.forms | asker.lapsed if asker.lapsed else asker.forms
    if len(names) == 1:
        # Nearly always; to look one name up takes half as long.
        (name,) = names
        return [
            consent
            for consent in consents
            if (to := consent.to) is None
            or name in to
            or consent.effect != "grant"
            or consent.to_person is not None
        ]
    return [
        consent
        for consent in consents
        if (to := consent.to) is None
        or not to.isdisjoint(names)
        or consent.effect != "grant"
        or consent.to_person is not None
    ]


def _not_yet(consent: Consent, now: Now) -> bool:
    """A withdrawal dated in the future has not been made."""
    return begun(consent.withdrawn, now) is False


def grant_runs(grant: Consent, now: Now) -> bool:
    """Whether a grant runs; what cannot be read does not."""
    since, until = grant.since, grant.until
    # From an instant until a whole day, as grants are given in the hub: `over` says the same.
    if type(until) is date and type(since) is datetime and since.tzinfo is UTC:
        return since <= now.instant and now.today <= until
    return begun(since, now) is True and over(until, now) is False


def speaks_against(consent: Consent, now: Now) -> bool:
    """Whether a refusal runs; what cannot be read does.

    A withdrawn grant speaks as a no, and does not fall silent when it would have ended.
    """
    if consent.effect == "grant":
        return True
    return (
        (consent.withdrawn is None or begun(consent.withdrawn, now) is not True)
        and begun(consent.since, now) is not False
        and over(consent.until, now) is not True
    )


def _reaches(consent: Consent, asker: Asker, *, wherever: bool = False) -> bool:
    """Match the recipient; a refusal finds a professional wherever that person works."""
    if consent.to_person is None:
        return consent.to is None or not consent.to.isdisjoint(asker.forms)
    if consent.to_person != asker.name:
        return False
    return wherever or consent.to_person_at is None or consent.to_person_at in asker.forms


def covers_class(consent: Consent, data_class: str) -> bool:
    """Whether a decision speaks about a class; a grant of any class leaves out the named ones."""
    if consent.classes is not None:
        return data_class in consent.classes
    return consent.effect != "grant" or data_class not in NAMED_ONLY_CLASSES


def stand_on(
    decisions: Decisions, by: str, data_class: str, *, before: date | None = None
) -> Stand:
    """Weigh one person's refusals against the same person's grants (given before a day)."""
    if before is None and by not in decisions.no:
        # The usual case, in one go; what follows would say the same.
        unnamed = data_class not in NAMED_ONLY_CLASSES
        fresh = [
            grant
            for grant in decisions.yes.get(by, ())
            if not grant.text_changed
            and (unnamed if (classes := grant.classes) is None else data_class in classes)
        ]
        if fresh:
            return Stand(_GRANTED, tuple(fresh))
    grants = [grant for grant in decisions.yes.get(by, ()) if covers_class(grant, data_class)]
    if before is not None:
        grants = [grant for grant in grants if _given_before(grant, before)]
    said_no = decisions.no.get(by)
    if said_no is None:
        return _granted(grants) if grants else NOTHING
    refusals = [no for no in said_no if covers_class(no, data_class)]
    unlifted = [no for no in refusals if not _lifted(no, grants)]
    if unlifted:
        withdrawn = all(no.effect == "grant" for no in unlifted)
        return Stand(
            Standing.WITHDRAWN if withdrawn else Standing.REFUSED,
            excluded=any(no.effect == "exclude" for no in unlifted),
        )
    return _granted(grants, refusals) if grants else NOTHING


def _granted(grants: list[Consent], refusals: Sequence[Consent] = ()) -> Stand:
    """Prefer unchanged grants; one whose text changed carries only what they leave."""
    if refusals:
        grants = _outlasting(grants, refusals)
    fresh = [grant for grant in grants if not grant.text_changed]
    if fresh and (not refusals or all(_lifted(no, fresh) for no in refusals)):
        return Stand(_GRANTED, tuple(fresh))
    return Stand(_GRANTED, tuple(grants), text_changed=True)


def _outlasting(grants: Sequence[Consent], refusals: Sequence[Consent]) -> list[Consent]:
    """Leave out the grants that a refusal ended, though a newer one lifted that refusal."""
    lift_all = [grant for grant in grants if all(_lifts(grant, no) for no in refusals)]
    # Where it took several together, each of them lifts a part.
    return lift_all or [grant for grant in grants if any(_lifts(grant, no) for no in refusals)]


def _given_before(grant: Consent, day: date) -> bool:
    given = None if grant.since is None else instant_of(grant.since)
    limit = instant_of(day)
    return given is None or limit is None or given < limit


def _lifted(no: Consent, grants: Sequence[Consent]) -> bool:
    return any(_lifts(grant, no) for grant in grants)


def _lifts(grant: Consent, no: Consent) -> bool:
    """Newer, and at least as specific in class, purpose, source and recipient."""
    return (
        _is_newer(grant, no)
        and (grant.classes is not None or no.classes is None)
        and (grant.purpose is not None or no.purpose is None)
        and (grant.from_services is not None or no.from_services is None)
        and _recipient_rank(grant) >= _recipient_rank(no)
    )


def _is_newer(grant: Consent, no: Consent) -> bool:
    if grant.since is None:
        return False
    said = no.withdrawn if no.effect == "grant" else no.since
    if said is None:
        return True
    given, refused = instant_of(grant.since), instant_of(said)
    return given is not None and refused is not None and given > refused


def _recipient_rank(consent: Consent) -> int:
    if consent.to_person is not None:
        return 2
    return 0 if consent.to is None else 1
