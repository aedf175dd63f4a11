"""One diagnosis per disorder: pure derivation of the leading statement from source assertions.

Partner systems, section 5.1: the group is an ICD-10 category, strength and date propose who leads,
a copy adds nothing, and who disagrees is shown beside it and never merged into it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from gateway.fhir.diagnosis_groups import group_of
from gateway.fhir.statement import TAKEN_BACK, Assertion, Standing

PROPOSED, LESS_SPECIFIC, DISAGREEMENT = "proposed", "less-specific", "disagreement"
SPEAKS: Final = frozenset({Standing.CONFIRMED, Standing.REFUTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What stands for one disorder."""

    group: str
    leads: Assertion
    voices: tuple[Assertion, ...]
    """The leading statement, then one for each other author who confirms it independently."""
    replaces: tuple[Assertion, ...]
    """Earlier statements of the same source that it refines: superseded once a person agrees."""
    disputes: tuple[Assertion, ...]
    """Statements of other authors about the same disorder that say otherwise, and later."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why a person is asked whether it leads."""
        found = [PROPOSED]
        if any(_refines(one.code, self.leads.code) for one in self.replaces):
            found.append(LESS_SPECIFIC)
        if self.disputes:
            found.append(DISAGREEMENT)
        return tuple(found)


def diagnoses(
    assertions: Iterable[Assertion], *, rejected: frozenset[UUID] = frozenset()
) -> tuple[Diagnosis, ...]:
    """Return one diagnosis for each disorder that somebody confirmed, in the order of groups.

    A statement of which a person decided that it does not lead stands aside (`rejected`).
    """
    grouped = _grouped(assertions)
    found = (_diagnosis(group, grouped[group], rejected) for group in sorted(grouped))
    return tuple(one for one in found if one is not None)


def why_ended(
    statement: Assertion | None, group: str | None, assertions: Iterable[Assertion]
) -> Standing:
    """Return why a statement leads no more, so that its Condition ends in the right form.

    `group` is the one that it led, or None when that cannot be told.
    """
    if statement is None:
        return Standing.WITHDRAWN
    now = group_of(statement.content)
    if group is not None and now != group:
        return Standing.IN_ERROR
    if statement.standing is not Standing.CONFIRMED:
        # Who is not sure any more took its certainty back.
        unsure = statement.standing is Standing.SUSPECTED
        return Standing.WITHDRAWN if unsure else statement.standing
    beside = _grouped(assertions).get(now or "", [])
    if _is_orphan(statement, beside):
        return Standing.WITHDRAWN
    return Standing.ENDED if _holds(statement, beside) else Standing.REFUTED


def without_group(assertions: Iterable[Assertion]) -> tuple[Assertion, ...]:
    """Return what was stated for certain in a code that nobody mapped: a person looks."""
    return tuple(
        one
        for one in assertions
        if one.standing is Standing.CONFIRMED and group_of(one.content) is None
    )


def orphaned_copies(assertions: Iterable[Assertion]) -> tuple[Assertion, ...]:
    """Return the copies of statements that their source took back: they lead no more."""
    return tuple(
        one for group in _grouped(assertions).values() for one in group if _is_orphan(one, group)
    )


def _grouped(assertions: Iterable[Assertion]) -> dict[str, list[Assertion]]:
    groups: dict[str, dict[UUID, Assertion]] = defaultdict(dict)
    for one in assertions:
        group = group_of(one.content)
        if group is not None:
            groups[group][one.id] = one
    return {group: list(found.values()) for group, found in groups.items()}


def _diagnosis(
    group: str, statements: Sequence[Assertion], rejected: frozenset[UUID]
) -> Diagnosis | None:
    speaking = [one for one in statements if _speaks(one, statements) and one.id not in rejected]
    confirmed = [one for one in speaking if _holds(one, speaking)]
    if not confirmed:
        return None
    leads = max(confirmed, key=_strength)
    return Diagnosis(
        group=group,
        leads=leads,
        voices=(leads, *_independent(leads, confirmed)),
        replaces=tuple(_in_order(one for one in confirmed if _is_replaced(one, leads))),
        disputes=tuple(_in_order(one for one in speaking if _disputes(one, leads))),
    )


def _speaks(one: Assertion, group: Iterable[Assertion]) -> bool:
    return one.standing in SPEAKS and not one.hypothesis and not _is_orphan(one, group)


def _is_orphan(one: Assertion, group: Iterable[Assertion]) -> bool:
    if one.copied_from is None or one.standing is not Standing.CONFIRMED:
        return False
    originals = [each for each in group if each.source == one.copied_from and each is not one]
    return bool(originals) and all(each.standing in TAKEN_BACK for each in originals)


def _holds(one: Assertion, speaking: Iterable[Assertion]) -> bool:
    """Whether it is confirmed, and its own author did not rule it out since."""
    return one.standing is Standing.CONFIRMED and not any(
        other.standing is Standing.REFUTED
        and other.same_author(one)
        and not other.surely_before(one)
        for other in speaking
    )


def _independent(leads: Assertion, confirmed: Iterable[Assertion]) -> list[Assertion]:
    """Return the statements of other authors whose chain meets none that counts already (rule 4).

    A copy, and a statement of nobody known, confirm nothing.
    """
    voices = [leads]
    for one in _in_order(confirmed):
        known = one.author is not None and one.copied_from is None
        apart = all(not one.chain & each.chain for each in voices)
        if known and apart and _compatible(one.code, leads.code):
            voices.append(one)
    return voices[1:]


def _is_replaced(one: Assertion, leads: Assertion) -> bool:
    own = (one.partner, one.source) == (leads.partner, leads.source) and not one.copied_from
    return own and one.same_author(leads) and one.code != leads.code


def _disputes(one: Assertion, leads: Assertion) -> bool:
    """Whether another author says otherwise, not surely before what leads."""
    if one.copied_from or one.same_author(leads) or one.surely_before(leads):
        return False
    return one.standing is Standing.REFUTED or not _compatible(one.code, leads.code)


def _compatible(one: str, other: str) -> bool:
    return one == other or _refines(one, other) or _refines(other, one)


def _refines(code: str, wider: str) -> bool:
    return len(code) > len(wider) and code.startswith(wider)


def _in_order(found: Iterable[Assertion]) -> list[Assertion]:
    return sorted(found, key=_strength, reverse=True)


def _strength(one: Assertion) -> tuple[int, str, str, str, bytes]:
    return one.strength
