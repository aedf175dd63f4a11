"""One situation as Cedar reads it: the reader, the context and the segments, in Cedar's JSON."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from consent.model import CHILD, CareRelation, Facts, Ground, Request, Segment, ToActor
from tests.second_engine import services
from tests.second_engine.family import (
    Family,
    family_of,
    others_in,
    right_holders,
)
from tests.second_engine.grants import (
    NoGrant,
    granted,
    known_disagreement,
    known_giver_agrees,
    rests_on_changed_text,
    through_the_service,
)
from tests.second_engine.ledger import Ledger
from tests.second_engine.moments import day_of, days_after, has_begun, has_passed, is_readable, runs
from tests.second_engine.need_profiles import CLASSES, need
from tests.second_engine.reader import Reader, reader_of

TEN_DAYS = 10
NO_GROUND = Ground(kind="")
GROUNDS = {
    "team",
    "statutory",
    "court_order",
    "clb_transfer",
    "necessity",
    "concern_report",
    "case_conference",
    "unanswered",
    "vital_emergency",
    "article_458bis",
}
FLAGS = {"anonymous_help", "secret_address", "deceased"}
REQUEST_KINDS = {"routed", "pull", "replay", "onward"}
LABELS = {
    *CLASSES,
    "therapy_notes",
    "agogic_exception",
    "parent_data",
    "third_party",
    "confidential",
    "judicial",
    "placement",
    "identity",
    "national_number",
}


class Situation:
    """Facts, request and instant, with what the terms of section 3 make of them."""

    def __init__(self, request: Request, facts: Facts, at: datetime) -> None:
        self.request, self.facts, self.at = request, facts, at
        self.ground = request.ground or NO_GROUND
        self.reader: Reader = reader_of(request, facts)
        self.family: Family = family_of(facts, at)
        self.ledger = Ledger(facts, request, self.reader, at)
        self.source = facts.services.get(facts.record.source)

    def asked_for(self) -> list[Segment]:
        """The segments the answer is about; only a pull can ask for less than all."""
        segments = self.facts.record.segments
        if self.request.kind != "pull" or self.request.classes is None:
            return list(segments)
        return [s for s in segments if s.data_class in self.request.classes]

    def principal(self) -> dict[str, Any]:
        """The attributes of the reader."""
        reader = self.reader
        return {
            "known": reader.known,
            "surely_identified": reader.surely_identified,
            "active": reader.active,
            "kind": reader.kind,
            "role": reader.role,
            "relation": reader.relation,
            "bound": reader.bound,
            "youth_help": reader.youth_help,
            "may_use_national_number": reader.may_use_national_number,
            "holds_authority": reader.type == "Person"
            and not self.family.uncertain
            and reader.name in self.family.holders,
        }

    def context(self) -> dict[str, Any]:
        """Everything that is the same for all segments."""
        return {
            "understood": self._understood(),
            "family_known": self.family.known,
            "purpose": self.request.purpose,
            "kind": self.request.kind,
            "ground_invoked": self.ground.kind,
            "inside_one_service": self._inside_one_service(),
            "protocol_in_force": self._protocol_in_force(),
            "care_relation": bool(self._relations_of_reader()),
            "reader_is_off_the_team": self._reader_is_off_the_team(),
            "source": self._source(),
            "child": self._child(),
            "record": self._record(),
            "transfer": self._transfer(),
            "ground": self._ground(),
        }

    def _understood(self) -> bool:
        """Whether the kind of request and the ground it invokes are words the rules know."""
        known = self.request.ground is None or self.request.ground.kind in GROUNDS
        return known and self.request.kind in REQUEST_KINDS

    def _lasts(self, basis: str) -> bool:
        """Whether this legal basis is valid: else no row stands aside for what went on it."""
        return basis not in self.facts.lapsed_bases

    def _perhaps_parents(self) -> tuple[str, ...]:
        family = self.family
        return tuple(self.facts.people) if family.uncertain else family.holders

    def _source(self) -> dict[str, bool]:
        source = self.source
        return {
            "known": services.is_known(source),
            "active": services.is_active(source),
            "youth_help": source is not None and services.is_youth_help(source),
            "may_use_national_number": source is not None
            and services.may_use_national_number(source),
        }

    def _child(self) -> dict[str, Any]:
        flags = self.facts.child.flags
        return {
            "capacity": self.family.capacity,
            "capacity_settled": self.family.settled,
            "adult": self.family.adult,
            "secret_address": "secret_address" in flags,
            "anonymous_help": "anonymous_help" in flags,
            "deceased": "deceased" in flags,
        }

    def _record(self) -> dict[str, bool]:
        record = self.facts.record
        classes = {segment.data_class for segment in record.segments}
        subjects = {name for segment in record.segments for name in segment.about}
        return {
            "unsplittable": record.unsplittable,
            "mixes_classes_or_subjects": len(classes) > 1 or len(subjects) > 1,
            "source_veto": record.source_veto,
        }

    def _inside_one_service(self) -> bool:
        if self.reader.relation == "foster_parent":
            return self.source is not None and self.source.kind == "foster_service"
        return self.reader.service == self.facts.record.source

    def _protocol_in_force(self) -> bool:
        protocols = self.facts.protocols
        return protocols is None or any(
            protocol.from_service == self.facts.record.source
            and protocol.to_service == self.reader.service
            and not has_passed(protocol.until, self.at, unreadable=True)
            for protocol in protocols
        )

    def _active(self, relation: CareRelation) -> bool:
        return runs(relation.since, relation.until, self.at, unreadable=False)

    def _relations_of_reader(self) -> list[CareRelation]:
        return [
            relation
            for relation in self.facts.relations
            if relation.service == self.reader.service and self._active(relation)
        ]

    def _reader_is_off_the_team(self) -> bool:
        relations = self._relations_of_reader()
        return (
            self.reader.type == "Professional"
            and bool(relations)
            and all(
                relation.actors is not None and self.reader.name not in relation.actors
                for relation in relations
            )
        )

    def _transfer(self) -> dict[str, bool]:
        ground = self.ground
        invoked = ground.kind == "clb_transfer" and self._understood()
        to_another = self.reader.service != self.facts.record.source
        both = self.source is not None and self.source.kind == "clb" == self.reader.kind
        between = both and to_another
        return {
            "invoked": invoked,
            "between_clbs": invoked and between and self._lasts("clb-transfer"),
            "due": has_begun(ground.due_from, self.at, unreadable=False),
            "ten_days_over": self._ten_days_over(),
            "waived": ground.waived,
        }

    def _ten_days_over(self) -> bool:
        notified = self.ground.notified_on
        if notified is None or not is_readable(notified):
            return False
        return days_after(day_of(notified), TEN_DAYS, self.at)

    def _ground(self) -> dict[str, Any]:
        ground = self.ground
        complete = ground.record == "complete"
        invoker = self.facts.actors.get(ground.invoked_by or "")
        at_source = invoker is not None and invoker.service == self.facts.record.source
        return {
            "kind": ground.kind if self._understood() else "",
            "spoken_by_the_holder": at_source and complete,
            "record_complete": complete,
            "valid": ground.valid,
            "reader_is_listed": isinstance(self.request.to, ToActor)
            and self.request.to.actor in ground.participants,
            "attempted": any(self._attempted(day) for day in ground.attempts),
            "answer": ground.answer,
            "team_lists_the_reader": self._team_lists_the_reader(),
        }

    def _attempted(self, day: Any) -> bool:
        return has_begun(day, self.at, unreadable=False)

    def _team_lists_the_reader(self) -> bool:
        return self.ground.team is not None and any(
            relation.service == self.facts.record.source
            and relation.team == self.ground.team
            and self.reader.name in (relation.actors or ())
            and self._active(relation)
            for relation in self.facts.relations
        )

    def resource(self, segment: Segment) -> dict[str, Any]:
        """The attributes of one segment."""
        return {
            **self._of_itself(segment),
            **self._of_its_subjects(segment),
            **self._of_the_refusals(segment),
            **self._of_the_grants(segment),
        }

    def _of_itself(self, segment: Segment) -> dict[str, Any]:
        reader = self.reader
        known = segment.data_class in LABELS
        return {
            "class": segment.data_class if known else "unlabelled",
            "reporter": segment.reporter,
            "reveals_place": segment.reveals_place,
            "compulsory": segment.compulsory,
            "named_in_validated_order": self.ground.kind in {"statutory", "court_order"}
            and self.ground.validated
            and self._lasts("legal-duty-or-order")
            and segment.data_class in self.ground.classes,
            "has_right_holder": bool(right_holders(segment, self.family)),
            "need": need(
                data_class=segment.data_class,
                kind=reader.kind,
                role=reader.role,
                relation=reader.relation,
                own_service=reader.service == self.facts.record.source,
            ),
        }

    def _of_its_subjects(self, segment: Segment) -> dict[str, Any]:
        others = self._others_than_the_reader(segment)
        ledger, data_class = self.ledger, segment.data_class
        holders = self.family.holders
        return {
            "about_child": CHILD in segment.about,
            "about_only_the_reader": self.reader.type == "Person"
            and segment.about == {self.reader.name},
            "child_stands": ledger.standing(CHILD, data_class).word,
            "every_holder_granted": bool(holders)
            and not self.family.uncertain
            and all(ledger.granted(name, data_class) for name in holders),
            "released_by_giver": known_giver_agrees(segment, ledger),
            "released_by_the_others": all(ledger.granted(name, data_class) for name in others),
        }

    def _asker(self) -> str | None:
        return self.reader.name if self.reader.type == "Person" else None

    def _others_than_the_reader(self, segment: Segment) -> list[str]:
        return [name for name in others_in(segment) if name != self._asker()]

    def _agreement_to_changed_text(self, data_class: str) -> bool:
        agreed = (CHILD, *self.family.holders)
        standings = (self.ledger.standing(name, data_class) for name in agreed)
        return any(consent.text_changed for standing in standings for consent in standing.grants)

    def _of_the_refusals(self, segment: Segment) -> dict[str, Any]:
        ledger, data_class = self.ledger, segment.data_class
        deciding = right_holders(segment, self.family)
        another = [*others_in(segment), *([segment.given_by] if segment.given_by else [])]
        return {
            "another_said_no": any(ledger.said_no(name, data_class) for name in another),
            "a_right_holder_said_no": any(ledger.said_no(name, data_class) for name in deciding),
            "reader_excluded": any(ledger.standing(n, data_class).excluded for n in deciding),
            "right_holder_objects": any(ledger.objects(n, data_class) for n in deciding),
            "parents_object": any(ledger.objects(n, data_class) for n in self._perhaps_parents()),
            "gdpr_pending": any(ledger.gdpr_pending(name, data_class) for name in deciding),
            "known_disagreement": known_disagreement(segment, self.family, ledger),
        }

    def cited(self, segment: Segment, whose: Collection[str]) -> tuple[str, ...]:
        """The ids of the grants an answer rests on, of everybody named in `whose`."""
        found = list(granted(segment, self.family, self.ledger).grants) if "grants" in whose else []
        people = {
            "child": [CHILD],
            "holders": self.family.holders,
            "others": self._others_than_the_reader(segment),
            "giver": [segment.given_by] if segment.given_by not in {None, self._asker()} else [],
        }
        names = [name for word in whose if word in people for name in people[word]]
        found += [self.ledger.standing(name or "", segment.data_class).grants for name in names]
        return tuple(sorted({consent.id for of_one in found for consent in of_one}))

    def _of_the_grants(self, segment: Segment) -> Mapping[str, Any]:
        found = granted(segment, self.family, self.ledger)
        otherwise = NoGrant(segment, self.family, self.ledger)
        reached = otherwise.reaches()
        return {
            "granted": found.by,
            "carried_over_the_birthday": found.carried_over,
            "rests_on_changed_text": rests_on_changed_text(found),
            "agreement_to_changed_text": self._agreement_to_changed_text(segment.data_class),
            "granted_to_the_service": through_the_service(found),
            "no_grant_reaches": not reached,
            "a_person_is_named": otherwise.names_a_person(),
            "granted_before_merger": otherwise.names_a_merged_service(),
            "other_classes_granted": otherwise.names_other_classes(),
        }
