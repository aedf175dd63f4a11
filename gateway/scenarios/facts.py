"""The facts of a scenario file in the engine's shapes."""

from dataclasses import dataclass

from consent.model import (
    CHILD,
    Actor,
    CareRelation,
    Child,
    Consent,
    Facts,
    Person,
    Protocol,
    Record,
    Segment,
    Service,
)
from consent.vocabulary import (
    AUTHORITIES,
    CAPACITIES,
    CONSENT_EFFECTS,
    DATA_CLASSES,
    FLAGS,
    KINDS,
    PURPOSES,
    RELATIONS,
    ROLES,
    SECRECIES,
)
from gateway.clock import brussels_date
from gateway.scenarios.entry import Entry, Keys, any_or
from gateway.scenarios.yaml_tree import Scalar
from schemas import lapsed_bases, legal_bases


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names a scenario gives, so that every mention can be checked."""

    people: frozenset[str]
    services: frozenset[str]
    actors: frozenset[str]

    def service(self, entry: Entry) -> str:
        """A key of `services`."""
        return entry.name(self.services, "`services`")

    def actor(self, entry: Entry) -> str:
        """A key of `actors`."""
        return entry.name(self.actors, "`actors`")

    def person(self, entry: Entry) -> str:
        """A key of `people`, or the child."""
        return entry.name(self.people | {CHILD}, "`people` (or is `child`)")

    def anybody(self, entry: Entry) -> str:
        """Somebody who acts: a key of `actors` or `people`, or the child."""
        return entry.name(self.actors | self.people | {CHILD}, "`actors` or `people`")


def names_in(root: Keys) -> Names:
    """Collect the names first, because a mention may come before them."""
    found = {
        key: frozenset(root[key].named if key in root else {})
        for key in ("people", "services", "actors")
    }
    for key in ("people", "actors"):
        if CHILD in found[key]:
            root[key].named[CHILD].fail(
                "`child` is the child's own name", "Take another name for this person"
            )
    return Names(**found)


def facts_of(root: Keys, names: Names) -> Facts:
    """Read everything a decision may rest on."""
    people = root["people"].named if "people" in root else {}
    services = root["services"].named if "services" in root else {}
    actors = root["actors"].named if "actors" in root else {}
    return Facts(
        child=_child(root["child"]),
        people={name: _person(entry) for name, entry in people.items()},
        services={name: _service(entry, names) for name, entry in services.items()},
        actors={name: _actor(entry, names) for name, entry in actors.items()},
        relations=root.listed("relations", lambda entry: _relation(entry, names)),
        protocols=_protocols(root, names),
        consents=root.listed("consents", lambda entry: _consent(entry, names)),
        record=_record(root["record"], names),
        lapsed_bases=_lapsed_bases(root),
    )


def data_class(entry: Entry) -> str:
    """A class of data."""
    return entry.word(DATA_CLASSES)


def _child(entry: Entry) -> Child:
    keys = entry.keys("born", "capacity capacity_motivated capacity_contested flags")
    return Child(
        born=keys["born"].day,
        capacity=keys.word("capacity", CAPACITIES, "presumed"),
        capacity_motivated=keys.truth("capacity_motivated", default=True),
        capacity_contested=keys.truth("capacity_contested"),
        flags=frozenset(keys.listed("flags", lambda flag: flag.word(FLAGS))),
    )


def _person(entry: Entry) -> Person:
    keys = entry.keys("relation", "authority disagrees")
    return Person(
        relation=keys["relation"].word(RELATIONS),
        authority=keys.word("authority", AUTHORITIES, "none"),
        disagrees=keys.truth("disagrees"),
    )


def _service(entry: Entry, names: Names) -> Service:
    keys = entry.keys("kind", "secrecy youth_help status national_number")
    status, merged_into = _status(keys, names)
    return Service(
        kind=keys["kind"].word(KINDS),
        secrecy=keys["secrecy"].word(SECRECIES) if "secrecy" in keys else None,
        youth_help=keys["youth_help"].truth if "youth_help" in keys else None,
        status=status,
        merged_into=merged_into,
        national_number=keys["national_number"].truth if "national_number" in keys else None,
    )


def _status(keys: Keys, names: Names) -> tuple[str, str | None]:
    if "status" not in keys:
        return "active", None
    status = keys["status"]
    # The word merged never stands alone: whoever merged went somewhere.
    if isinstance(status.tree, Scalar):
        return status.word({"active", "suspended", "closed"}), None
    return "merged", names.service(status.keys("merged_into")["merged_into"])


def _actor(entry: Entry, names: Names) -> Actor:
    keys = entry.keys("service role", "identity")
    return Actor(
        service=names.service(keys["service"]),
        role=keys["role"].word(ROLES),
        identity=keys.word("identity", {"strong", "weak"}, "strong"),
    )


def _relation(entry: Entry, names: Names) -> CareRelation:
    keys = entry.keys("service", "from until team actors")
    return CareRelation(
        service=names.service(keys["service"]),
        since=keys.moment("from"),
        until=keys.moment("until"),
        team=keys["team"].text if "team" in keys else None,
        actors=frozenset(keys.listed("actors", names.anybody)) if "actors" in keys else None,
    )


def _protocols(root: Keys, names: Names) -> tuple[Protocol, ...] | None:
    if "protocols" not in root:
        return None
    protocols = root["protocols"]
    if isinstance(protocols.tree, Scalar) and not protocols.empty:
        protocols.word({"covered"})
        return None
    return root.listed("protocols", lambda entry: _protocol(entry, names))


def _protocol(entry: Entry, names: Names) -> Protocol:
    keys = entry.keys("from to", "until")
    return Protocol(
        from_service=names.service(keys["from"]),
        to_service=names.service(keys["to"]),
        until=keys.moment("until"),
    )


def _lapsed_bases(root: Keys) -> frozenset[str]:
    """Left out: those of the register on the day of the decision."""
    if "lapsed_bases" not in root:
        return lapsed_bases(brussels_date(root["at"].instant))
    return frozenset(root.listed("lapsed_bases", lambda basis: basis.word(legal_bases())))


_OF_CONSENT = (
    "classes purpose from_services to to_person to_person_at since until withdrawn text_changed"
)


def _consent(entry: Entry, names: Names) -> Consent:
    keys = entry.keys("by effect", _OF_CONSENT)
    if "to" in keys and "to_person" in keys:
        problem = f"`to` and `to_person` exclude each other in `{entry.place}`"
        keys["to_person"].fail(problem, "Keep the one that was meant")
    purpose = keys.word("purpose", PURPOSES | {"any"}, "any")
    return Consent(
        id=entry.place,
        by=names.person(keys["by"]),
        effect=keys["effect"].word(CONSENT_EFFECTS),
        classes=keys.read("classes", lambda one: any_or(one, data_class), None),
        purpose=None if purpose == "any" else purpose,
        from_services=keys.read("from_services", lambda one: any_or(one, names.service), None),
        to=keys.read("to", lambda one: any_or(one, names.service), None),
        to_person=keys.read("to_person", names.anybody, None),
        to_person_at=keys.read("to_person_at", names.service, None),
        since=keys.moment("since"),
        until=keys.moment("until"),
        withdrawn=keys["withdrawn"].instant if "withdrawn" in keys else None,
        text_changed=keys.truth("text_changed"),
    )


def _record(entry: Entry, names: Names) -> Record:
    keys = entry.keys("source segments", "unsplittable source_veto")
    segments = keys.listed("segments", lambda one: _segment(one, names))
    seen: set[str] = set()
    for place, segment in zip(keys["segments"].items, segments, strict=True):
        if segment.id in seen:
            place.fail(f"segment `{segment.id}` stands twice", "Give each its own id", key="id")
        seen.add(segment.id)
    return Record(
        source=names.service(keys["source"]),
        segments=segments,
        unsplittable=keys.truth("unsplittable"),
        source_veto=keys.truth("source_veto"),
    )


def _segment(entry: Entry, names: Names) -> Segment:
    keys = entry.keys("id class", "about given_by reporter reveals_place compulsory")
    about = frozenset(keys.listed("about", names.person)) if "about" in keys else {CHILD}
    return Segment(
        id=keys["id"].text,
        data_class=data_class(keys["class"]),
        about=frozenset(about),
        given_by=keys.read("given_by", names.person, None),
        reporter=keys.truth("reporter"),
        reveals_place=keys.truth("reveals_place"),
        compulsory=keys.truth("compulsory"),
    )
