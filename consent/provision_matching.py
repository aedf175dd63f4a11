"""Whether one selector of a provision meets the question: yes, no, or not known.

Not known never permits and always denies; why it is not known is noted with its path.
"""

import re
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Final

from consent.provision_codes import (
    ACT_CODE,
    ACT_REASON,
    ACTION,
    ACTIONS,
    CONFIDENTIALITIES,
    CONFIDENTIALITY,
    OWN_PURPOSE,
    PARTICIPATION,
    PURPOSES,
    RECIPIENTS,
    RESOURCE_TYPES,
    RESOURCES,
    SENSITIVITIES,
    reached_by_deny,
    reached_by_permit,
)
from consent.provision_model import (
    ActorRule,
    Asker,
    Coding,
    Concept,
    Data,
    DataRule,
    Identifier,
    Note,
    Provision,
    Reason,
    Reference,
)
from consent.vocabulary import PURPOSES as OWN_PURPOSES

Notes = list[Note]
_ADDRESS: Final = re.compile(r"(?P<server>.*/)?(?P<type>[A-Za-z]+)/[A-Za-z0-9.-]{1,64}", re.ASCII)
# Each of these is one person or thing: another of the same kind is somebody else.
_INDIVIDUALS: Final = frozenset({"Practitioner", "Patient", "RelatedPerson", "Person", "Device"})


class Match(IntEnum):
    """Ordered, so that AND is the least and OR the greatest (Kleene's logic)."""

    NO = 0
    UNKNOWN = 1
    YES = 2


def every(matches: Iterable[Match]) -> Match:
    """All of them; nothing to meet is met."""
    return min(matches, default=Match.YES)


def some(matches: Iterable[Match]) -> Match:
    """At least one of them; a selector that is not there limits nothing."""
    return max(matches, default=Match.YES)


def of_concept(
    value: Concept, compare: Callable[[Coding], Match], notes: Notes, *, reason: Reason
) -> Match:
    """Compare a value through its codings, which all mean the same thing."""
    if not value.codings:
        notes.append(Note(value.path, Reason.NO_CODE))
        return Match.UNKNOWN
    found = some(compare(one) for one in value.codings)
    if found is Match.UNKNOWN:
        notes.append(Note(value.path, reason))
    return found


def is_reference_to(
    target: Reference,
    names: frozenset[str],
    *,
    complete: bool,
    identifiers: frozenset[Identifier] = frozenset(),
) -> Match:
    """Whether a reference means one of these; `complete` when there are no others."""
    found: set[Match] = set()
    if target.text is not None:
        found.add(_by_address(target.text, names, complete=complete))
    if (number := target.identifier) is not None and (
        not found or any(number.system == one.system for one in identifiers)
    ):
        found.add(Match.YES if number in identifiers else Match.UNKNOWN)
    # An address and an identifier that disagree leave open who is meant.
    return found.pop() if len(found) == 1 else Match.UNKNOWN


def _by_address(text: str, names: frozenset[str], *, complete: bool) -> Match:
    address = without_version(text)
    if address.startswith("#"):
        return Match.UNKNOWN
    if address in names:
        return Match.YES
    server, kind = _parts(address)
    kinds = {other for where, other in map(_parts, names) if where == server}
    alone = kind in _INDIVIDUALS and kind in kinds
    return Match.NO if kind and kinds and (complete or alone) else Match.UNKNOWN


def without_version(address: str) -> str:
    """Drop the version of an address: a provision is about the resource."""
    return address.partition("/_history/")[0]


def _parts(address: str) -> tuple[str, str]:
    """Split an address into its server (empty: the consent's own) and its type of resource."""
    found = _ADDRESS.fullmatch(address)
    if found is None or found["type"] not in RESOURCES:
        return address, ""
    return found["server"] or "", found["type"]


def actor(rule: ActorRule, asker: Asker, notes: Notes) -> Match:
    """Whether the asker is this actor: the one referred to, in the role that is named."""
    role, asked = _role(rule.role, asker, notes)
    if rule.reference is None:
        if not asked:
            notes.append(Note(rule.role.path, Reason.UNRESOLVED))
        return role if asked else Match.UNKNOWN
    names = asker.references | asker.organisations | asker.groups
    named = is_reference_to(
        rule.reference, names, complete=asker.complete, identifiers=asker.identifiers
    )
    if named is Match.UNKNOWN:
        notes.append(Note(rule.reference.path, Reason.UNRESOLVED))
    return every((role, named))


def _role(value: Concept, asker: Asker, notes: Notes) -> tuple[Match, bool]:
    """Match the role; False beside it when the role only says who receives the data."""
    named = [one for one in value.codings if not _is_recipient(one)]
    if value.codings and not named:
        return Match.YES, False
    other = Match.NO if asker.complete and asker.roles else Match.UNKNOWN

    def compare(one: Coding) -> Match:
        return Match.YES if one in asker.roles else other

    asked = Concept(value.path, tuple(named))
    return of_concept(asked, compare, notes, reason=Reason.UNRESOLVED), True


def _is_recipient(one: Coding) -> bool:
    return one.system == PARTICIPATION and one.code in RECIPIENTS


def purpose(value: Concept, asked: Iterable[Coding], notes: Notes, *, permits: bool) -> Match:
    """Whether a purpose of the provision covers one of these."""
    wanted = tuple(asked)

    def compare(one: Coding) -> Match:
        return some(_covers(one, other, permits=permits) for other in wanted)

    return of_concept(value, compare, notes, reason=Reason.NOT_COMPARABLE)


def _covers(named: Coding, asked: Coding, *, permits: bool) -> Match:
    if named.system == asked.system == OWN_PURPOSE and {named.code, asked.code} <= OWN_PURPOSES:
        return Match.YES if named.code == asked.code else Match.NO
    ours = named.system == asked.system == ACT_REASON
    if not ours:
        return Match.YES if named == asked and named.system != ACT_REASON else Match.UNKNOWN
    if named.code not in PURPOSES or asked.code not in PURPOSES:
        return Match.UNKNOWN
    reach = reached_by_permit(asked.code) if permits else reached_by_deny(asked.code)
    return Match.YES if named.code in reach else Match.NO


def action(value: Concept, asked: str, notes: Notes) -> Match:
    """Whether an action of the provision is the one asked for."""

    def compare(one: Coding) -> Match:
        if one.system != ACTION or one.code not in ACTIONS:
            return Match.UNKNOWN
        return Match.YES if one.code == asked else Match.NO

    return of_concept(value, compare, notes, reason=Reason.UNKNOWN_WORD)


def label(value: Concept, data: Data, notes: Notes, *, permits: bool) -> Match:
    """Whether a security label reaches the data; data without labels are not known to be safe."""

    def compare(one: Coding) -> Match:
        if one.system == CONFIDENTIALITY:
            return _confidentiality(one.code, data.labels, permits=permits)
        return _sensitivity(one, data.labels)

    bare = not any(one.system in {CONFIDENTIALITY, ACT_CODE} for one in data.labels)
    reason = Reason.UNLABELLED if bare else Reason.NOT_COMPARABLE
    return of_concept(value, compare, notes, reason=reason)


def _confidentiality(code: str, labels: frozenset[Coding], *, permits: bool) -> Match:
    """A permit reaches this rank and lower, a refusal this rank and higher."""
    codes = {one.code for one in labels if one.system == CONFIDENTIALITY}
    if not codes or not codes | {code} <= CONFIDENTIALITIES.keys():
        return Match.UNKNOWN
    rank, limit = max(CONFIDENTIALITIES[one] for one in codes), CONFIDENTIALITIES[code]
    return Match.YES if (rank <= limit if permits else rank >= limit) else Match.NO


def _sensitivity(named: Coding, labels: frozenset[Coding]) -> Match:
    """A sensitivity reaches itself and what lies below it, for permit and refusal alike."""
    if named in labels:
        return Match.YES
    ours = {one.code for one in labels if one.system == ACT_CODE}
    if named.system != ACT_CODE or named.code not in SENSITIVITIES:
        return Match.UNKNOWN
    if any(named.code in SENSITIVITIES.get(one, ()) for one in ours):
        return Match.YES
    labelled = any(one.system in {CONFIDENTIALITY, ACT_CODE} for one in labels)
    return Match.NO if labelled and ours <= SENSITIVITIES.keys() else Match.UNKNOWN


def kind(value: Concept, found: frozenset[Coding], notes: Notes) -> Match:
    """Whether a class or code of the provision is one of the data's own, word for word."""

    def compare(one: Coding) -> Match:
        if one.system == RESOURCE_TYPES and one.code not in RESOURCES:
            return Match.UNKNOWN
        if one in found:
            return Match.YES
        same = any(other.system == one.system for other in found)
        return Match.NO if same else Match.UNKNOWN

    return of_concept(value, compare, notes, reason=Reason.NOT_COMPARABLE)


def made_within(rule: Provision, data: Data, notes: Notes) -> Match:
    """Whether the data were made in this period: whole for a permit, in part for a refusal."""
    if rule.data_period is None:
        return Match.YES
    if data.period is None:
        notes.append(Note(rule.data_period_path, Reason.UNDATED))
        return Match.UNKNOWN
    if rule.data_period.covers(data.period):
        return Match.YES
    # In part: a permit does not reach all of it, a refusal reaches some of it.
    return Match.UNKNOWN if rule.data_period.meets(data.period) else Match.NO


def data_rule(rule: DataRule, data: Data, notes: Notes) -> Match:
    """Whether the data are the ones named: by instance, by relation or by author."""
    if rule.meaning == "authoredby":
        found = _among(rule.reference, data.authors, complete=False)
    else:
        own = None if data.reference is None else frozenset({data.reference})
        sides = [own]
        if rule.meaning in {"related", "dependents"}:
            sides.append(data.refers_to)
        if rule.meaning == "related":
            sides.append(data.referred_to_by)
        found = some(_among(rule.reference, side, complete=True) for side in sides)
    if found is Match.UNKNOWN:
        notes.append(Note(rule.reference.path, Reason.UNRESOLVED))
    return found


def _among(target: Reference, names: frozenset[str] | None, *, complete: bool) -> Match:
    if names is None:
        return Match.UNKNOWN
    if not names and target.text is not None:
        # Known to be nothing: the data refer to nobody.
        return Match.NO
    return is_reference_to(target, names, complete=complete)
