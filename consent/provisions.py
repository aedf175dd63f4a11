"""What FHIR R4 Consents say about one question, by their own provisions; default deny.

The semantics that meets the public examples of IHE Privacy Consent on FHIR and of LEAP:
1. a consent that is not active or out of `provision.period` counts as absent;
2. nodes are walked in document order; one contributes if its actor and purpose match, and nested
   nodes are tried even when the purpose of their parent does not match;
3. the last contributing node whose action, label, class, code, dataPeriod and data all match
   decides; nothing matched denies;
4. purposes follow v3-ActReason upward, but an override must be named, and then adds treatment;
5. across consents a refusal wins.
A nested permit never reaches further in actor and period than the provision it is an exception to;
a nested refusal stands on its own. What is not known never permits and always denies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from consent.moments import now_at
from consent.provision_codes import ACT_REASON, ACTIONS, OVERRIDES, PURPOSES, TREATMENT
from consent.provision_matching import (
    Match,
    Notes,
    action,
    actor,
    data_rule,
    every,
    kind,
    label,
    made_within,
    purpose,
    some,
)
from consent.provision_model import (
    Answer,
    Coding,
    Directive,
    Heard,
    Note,
    Provision,
    Question,
    Reason,
    Says,
)
from consent.provision_reading import id_of, read

_TREATMENT: Final = Coding(ACT_REASON, TREATMENT)
_BROKEN: Final = Answer(outcome=Says.DENY, not_understood=(Note("request", Reason.BROKEN),))


def evaluate(consents: Sequence[object], question: Question) -> Answer:
    """Ask every consent (parsed JSON, whatever it holds) this question; never raises."""
    try:
        if faults := _faults_of(question):
            return Answer(outcome=Says.DENY, not_understood=faults)
        at = question.at
        directives = [read(one, patient=question.patient, at=at) for one in consents]
        ids = [id_of(one) for one in consents]
        answers = [_answer(directives, ids, question, one) for one in _asked(question)]
        return _together(answers)
    except Exception:  # noqa: BLE001 - an error in deciding must deny, not travel
        return _BROKEN


def _faults_of(question: Question) -> tuple[Note, ...]:
    found = {
        Note("request.at", Reason.NO_ZONE): now_at(question.at) is None,
        Note("request.purposes", Reason.NO_PURPOSE): not question.purposes,
        Note("request.action", Reason.UNKNOWN_WORD): question.action not in ACTIONS,
        Note("request.patient", Reason.MISSING): not question.patient,
    }
    return tuple(note for note, wrong in found.items() if wrong)


_TREATMENTS = frozenset({"TREAT", "ETREAT"})


def _asked(question: Question) -> tuple[Coding, ...]:
    """Each purpose is asked on its own; an override takes the treatment it is part of with it."""
    declared = {one.code for one in question.purposes if one.system == ACT_REASON} & OVERRIDES
    part_of = frozenset(chain.from_iterable(PURPOSES[one] - {one} for one in declared))
    # Only treatment goes without saying in an override; a wider purpose is still asked for itself.
    taken = part_of & _TREATMENTS
    kept = (one for one in question.purposes if one.system != ACT_REASON or one.code not in taken)
    return tuple(sorted(kept))


def _together(answers: Sequence[Answer]) -> Answer:
    """The data may serve all the purposes at once, so all of them must be permitted."""
    refused = [one for one in answers if one.outcome is not Says.PERMIT]
    first = (refused or answers)[0]
    places = range(len(first.heard))
    heard = tuple(
        _merged([one.heard[place] for one in answers], first.heard[place]) for place in places
    )
    return Answer(outcome=first.outcome, heard=heard)


def _merged(all_heard: Sequence[Heard], first: Heard) -> Heard:
    notes = dict.fromkeys(chain.from_iterable(one.not_understood for one in all_heard))
    return Heard(
        consent=first.consent,
        id=first.id,
        says=first.says,
        path=first.path,
        reason=first.reason,
        not_understood=tuple(notes),
    )


def _answer(
    directives: Sequence[Directive], ids: Sequence[str | None], question: Question, asked: Coding
) -> Answer:
    weighed = [_Weighing.of(one, question, asked) for one in directives]
    anywhere = any(one.overrides for one in weighed)
    heard = tuple(
        one.heard(place, ids[place], anywhere=anywhere) for place, one in enumerate(weighed)
    )
    said = {one.says for one in heard}
    permitted = Says.PERMIT in said and Says.DENY not in said
    return Answer(outcome=Says.PERMIT if permitted else Says.DENY, heard=heard)


@dataclass(frozen=True, slots=True)
class _Node:
    """A provision with what holds for it and for all it stands in."""

    rule: Provision
    own_open: bool
    open: bool
    own_actor: Match
    actor: Match
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Weighing:
    """One consent before one purpose."""

    directive: Directive
    nodes: tuple[_Node, ...]
    question: Question
    asked: Coding
    overrides: bool
    """A permit names the override purpose that is asked for, and is for this asker."""

    @classmethod
    def of(cls, directive: Directive, question: Question, asked: Coding) -> "_Weighing":
        nodes = _nodes(directive, question)
        overrides = _is_override(asked) and any(
            node.rule.permits and node.open and node.actor is Match.YES and _names(node.rule, asked)
            for node in nodes
        )
        return cls(directive, nodes, question, asked, overrides)

    def heard(self, place: int, name: str | None, *, anywhere: bool) -> Heard:
        """What this consent says; `anywhere` when some consent names the override for the asker."""
        if (absent := self.directive.absent) is not None:
            says, path, reason = Says.ABSENT, absent.path, absent.reason
            return Heard(consent=place, id=name, says=says, path=path, reason=reason)
        if faults := self.directive.faults:
            notes = (*faults, *self.directive.notes)
            path, reason = faults[0]
            return Heard(
                consent=place,
                id=name,
                says=Says.DENY,
                path=path,
                reason=reason,
                not_understood=notes,
            )
        decided, notes = self._last_that_decides(anywhere=anywhere)
        return Heard(
            consent=place,
            id=name,
            says=_says(decided),
            path=decided.path if decided else None,
            not_understood=(*self.directive.notes, *notes),
        )

    def _last_that_decides(self, *, anywhere: bool) -> tuple[Provision | None, tuple[Note, ...]]:
        decided: Provision | None = None
        doubts: list[Note] = []
        for node in self.nodes:
            permits = node.rule.permits
            if not (node.open if permits else node.own_open):
                continue
            added = self.overrides if permits else anywhere
            notes: Notes = list(node.notes)
            met = self._meets(node, notes, added=added)
            doubts.extend(notes)
            if met is Match.YES or (met is Match.UNKNOWN and not permits):
                decided = node.rule
        return decided, tuple(doubts)

    def _meets(self, node: _Node, notes: Notes, *, added: bool) -> Match:
        rule, question = node.rule, self.question
        asked = (self.asked, _TREATMENT) if added else (self.asked,)
        permits, data = rule.permits, question.data
        return every(
            (
                node.actor if permits else node.own_actor,
                some(purpose(one, asked, notes, permits=permits) for one in rule.purposes),
                some(action(one, question.action, notes) for one in rule.actions),
                some(label(one, data, notes, permits=permits) for one in rule.labels),
                some(kind(one, data.classes, notes) for one in rule.classes),
                some(kind(one, data.codes, notes) for one in rule.codes),
                made_within(rule, data, notes),
                some(data_rule(one, data, notes) for one in rule.data),
            )
        )


def _says(decided: Provision | None) -> Says:
    if decided is None:
        return Says.NOTHING
    return Says.PERMIT if decided.permits else Says.DENY


def _nodes(directive: Directive, question: Question) -> tuple[_Node, ...]:
    nodes: list[_Node] = []
    for rule in directive.provisions:
        notes: Notes = []
        mine = some(actor(one, question.asker, notes) for one in rule.actors)
        own_open = rule.period is None or rule.period.holds(question.at)
        above = None if rule.parent is None else nodes[rule.parent]
        nodes.append(
            _Node(
                rule=rule,
                own_open=own_open,
                open=own_open and (above is None or above.open),
                own_actor=mine,
                actor=mine if above is None else every((above.actor, mine)),
                notes=tuple(notes),
            )
        )
    return tuple(nodes)


def _is_override(asked: Coding) -> bool:
    return asked.system == ACT_REASON and asked.code in OVERRIDES


def _names(rule: Provision, asked: Coding) -> bool:
    return any(asked in one.codings for one in rule.purposes)
