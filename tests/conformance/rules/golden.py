"""The answers of the rules to every scenario and to a fixed set of situations, as digests.

`python -m tests.conformance.rules.golden` pins them again. It refuses while a known answer differs
and the edition is the same: who changes an answer gives the rules a new edition.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final

from consent.decide import decide
from consent.edition import EDITION
from consent.model import (
    Actor,
    CareRelation,
    Child,
    Consent,
    Decision,
    Facts,
    Ground,
    Moment,
    Person,
    Protocol,
    Recipient,
    Record,
    Request,
    Segment,
    Service,
    ToActor,
    ToPerson,
    ToService,
)
from consent.moments import BRUSSELS
from tests.support.scenarios import load_folder

PINNED: Final = Path(__file__).with_name("golden.json")
AGAIN: Final = "python -m tests.conformance.rules.golden"
NEW_EDITION: Final = (
    "give the rules a new edition in consent/edition.py, because decisions in the log name the "
    f"edition they were made by; then pin the answers with `{AGAIN}`"
)
SAME_EDITION: Final = "--same-edition"
"""For an edition that no release had yet: nothing in any log rests on it."""

Case = tuple[Request, Facts, datetime]
AT: Final = datetime(2026, 3, 2, 10, tzinfo=BRUSSELS)
DAY: Final = timedelta(days=1)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Words stand here on their own: a new word of the rules changes no answer about the others.
CLASSES: Final = _words(
    "logistics functional development diagnosis diagnostic_report medical sexual_health "
    "context concern parent_data third_party confidential judicial placement identity "
    "national_number therapy_notes agogic_exception unlabelled nonsense"
)
KINDS: Final = _words(
    "vaph_facility vaph_admin clb caw childcare school vk ocj health foster_service ckg "
    "opgroeien_admin groeipakket huis_van_het_kind overkop gbo judiciary police "
    "inspection employer insurer nonsense"
)
ROLES: Final = _words(
    "care medical decision teacher childcare_worker childcare_lead trajectory_supporter "
    "auditor inspector policy judge system"
)
PURPOSES: Final = _words(
    "care diagnosis referral safety transfer entitlement subject_access audit inspection "
    "policy research justice other nonsense"
)
REQUEST_KINDS: Final = ("routed", "pull", "replay", "onward", "nonsense")
EFFECTS: Final = ("refuse", "exclude", "object", "object_gdpr", "restrict_gdpr", "nonsense")
GROUNDS: Final = _words(
    "team statutory court_order clb_transfer necessity concern_report case_conference "
    "unanswered vital_emergency article_458bis nonsense"
)
BIRTHS: Final = (
    None,
    date(2017, 2, 1),
    date(2014, 3, 3),
    date(2014, 3, 2),
    date(2014, 2, 15),
    date(2014, 1, 1),
    date(2011, 6, 1),
    date(2008, 3, 3),
    date(2008, 3, 2),
    date(2004, 2, 29),
)
PEOPLE: Final = {
    "mother": Person(relation="parent", authority="exercised"),
    "father": Person(relation="parent", authority="exercised"),
}
OTHERS: Final = {
    "foster": Person(relation="foster_parent", authority="delegated"),
    "guide": Person(relation="confidant"),
    "brother": Person(relation="sibling"),
}
SERVICES: Final = {
    **{f"{kind}-1": Service(kind=kind) for kind in KINDS},
    "clb-2": Service(kind="clb"),
    "old": Service(kind="caw", status="merged", merged_into="vaph_facility-1"),
}
ACTORS: Final = {
    **{f"a-{role}": Actor(service="vaph_facility-1", role=role) for role in ROLES},
    "weak": Actor(service="vaph_facility-1", role="care", identity="weak"),
    "doctor": Actor(service="health-1", role="medical"),
    "colleague": Actor(service="clb-1", role="care"),
}
SEGMENTS: Final = (
    *(Segment(id=one, data_class=one) for one in CLASSES),
    Segment(id="of-mother", data_class="context", about=frozenset({"mother"})),
    Segment(id="of-both", data_class="diagnosis", about=frozenset({"child", "brother"})),
    Segment(id="of-nobody", data_class="context", about=frozenset()),
    Segment(id="told", data_class="concern", given_by="brother"),
    Segment(id="reported", data_class="concern", reporter=True),
    Segment(id="place", data_class="logistics", reveals_place=True),
    Segment(id="compulsory", data_class="development", compulsory=True),
)


def pinned() -> Any:
    """Return what is pinned: the edition, and a digest of each set of answers."""
    return json.loads(PINNED.read_text("utf-8"))


def answers() -> dict[str, str]:
    """Return a digest of the answer to each scenario and to each set of situations."""
    told = {f"scenario/{one.name}": [(one.request, one.facts, one.at)] for one in load_folder()}
    sets: Mapping[str, Iterable[Case]] = {
        "set/askers": _askers(),
        "set/families": _families(),
        "set/refusals": _refusals(),
        "set/routes": _routes(),
        "set/moments": _moments(),
        "set/oddities": _oddities(),
    }
    return {name: _digest(cases) for name, cases in (told | dict(sets)).items()}


def changed(now: Mapping[str, str], before: Mapping[str, str]) -> list[str]:
    """Name the answers that were known and are not the same now."""
    return sorted(name for name in before if name in now and now[name] != before[name])


def pin(arguments: Sequence[str] = ()) -> str:
    """Write the answers of now beside their edition; say why not if they may not be."""
    now = answers()
    before: Any = pinned() if PINNED.exists() else {"edition": "", "answers": {}}
    differ = changed(now, before["answers"])
    if differ and before["edition"] == EDITION and SAME_EDITION not in arguments:
        return f"other answers for {', '.join(differ)}: {NEW_EDITION}"
    kept = {"edition": EDITION, "answers": now}
    PINNED.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
    return ""


def _digest(cases: Iterable[Case]) -> str:
    told = hashlib.sha256()
    for request, facts, at in cases:
        answer = _plain(decide(request, facts, at=at))
        told.update(json.dumps(answer, sort_keys=True).encode())
    return told.hexdigest()[:32]


def _plain(decision: Decision) -> Any:
    segments = {
        name: [
            one.effect, one.rule, sorted(one.obligations), sorted(one.consents), one.basis,
            one.waits_for,
        ]
        for name, one in decision.segments.items()
    }  # fmt: skip
    return [decision.outcome, segments, sorted(decision.obligations), decision.silent]


def _facts(*consents: Consent, **known: Any) -> Facts:
    usual: dict[str, Any] = {
        "child": Child(born=date(2017, 2, 1)),
        "people": PEOPLE | OTHERS,
        "services": SERVICES,
        "actors": ACTORS,
        "relations": tuple(
            CareRelation(service=one, team="team-1", actors=frozenset(ACTORS)) for one in SERVICES
        ),
        "record": Record(source="clb-1", segments=SEGMENTS),
    }
    return Facts(**usual | known, consents=consents)


def _said(by: str, effect: str = "grant", **known: Any) -> Consent:
    usual: dict[str, Any] = {"id": f"{effect}-{by}", "classes": frozenset(CLASSES)}
    usual |= {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}
    return Consent(**usual | known, by=by, effect=effect)


def _granted(*people: str, **known: Any) -> tuple[Consent, ...]:
    return tuple(_said(one, **known) for one in people)


def _ask(to: Recipient = ToService("vaph_facility-1"), **known: Any) -> Request:  # noqa: B008
    usual: dict[str, Any] = {"purpose": "care"}
    return Request(**usual | known, to=to)


def _askers() -> Iterator[Case]:
    """Everybody asks for everything, in a family that agrees, or that said nothing."""
    askers: list[Recipient] = [ToService(one) for one in (*SERVICES, "nowhere")]
    askers += [ToActor(one) for one in (*ACTORS, "nobody")]
    askers += [ToPerson(one) for one in ("child", *PEOPLE, *OTHERS, "stranger")]
    agreed = _facts(*_granted("mother", "father", "foster"))
    for to, purpose, kind in product(askers, PURPOSES, REQUEST_KINDS):
        yield _ask(to, purpose=purpose, kind=kind), agreed, AT
    for to, purpose, kind in product(askers, PURPOSES, ("routed", "pull")):
        yield _ask(to, purpose=purpose, kind=kind), _facts(), AT


def _families() -> Iterator[Case]:
    """Who says yes in which family, by the age and capacity of the child."""
    families: list[dict[str, Person]] = [
        {},
        PEOPLE,
        PEOPLE | OTHERS,
        {"mother": PEOPLE["mother"]},
        *(
            PEOPLE | {"father": Person(relation="parent", authority=one)}
            for one in ("exclusive", "held", "deprived", "none", "nonsense")
        ),
        PEOPLE | {"father": Person(relation="parent", authority="exercised", disagrees=True)},
        {"guardian": Person(relation="guardian", authority="exercised")},
    ]
    yes = [(), ("mother",), ("mother", "father"), ("child",), ("guardian",), ("foster",)]
    for people, child, said in product(families, _children(), yes):
        yield _ask(), _facts(*_granted(*said), child=child, people=people), AT


def _children() -> Iterator[Child]:
    yield from (Child(born=born) for born in BIRTHS)
    for born in (date(2017, 2, 1), date(2014, 3, 2), date(2011, 6, 1)):
        yield Child(born=born, capacity="capable")
        yield Child(born=born, capacity="incapable")
        yield Child(born=born, capacity="incapable", capacity_motivated=False)
        yield Child(born=born, capacity="capable", capacity_contested=True)
        yield Child(born=born, capacity="nonsense")


def _refusals() -> Iterator[Case]:
    """Somebody says no, beside those who say yes."""
    scopes: list[dict[str, Any]] = [
        {},
        {"classes": None, "until": None},
        {"classes": frozenset({"diagnosis"})},
        {"to": frozenset({"vaph_facility-1"})},
        {"to": frozenset({"caw-1"})},
        {"purpose": "safety"},
        {"from_services": frozenset({"caw-1"})},
        {"withdrawn": AT - DAY},
        {"to": None, "to_person": "a-care"},
    ]
    askers: list[Recipient] = [ToService("vaph_facility-1"), ToActor("a-care")]
    born = (date(2017, 2, 1), date(2011, 6, 1))
    for effect, scope, by, to, day in product(
        EFFECTS, scopes, ("mother", "child", "foster", "brother"), askers, born
    ):
        said = (*_granted("mother", "father", "child", "foster"), _said(by, effect, **scope))
        yield _ask(to), _facts(*said, child=Child(born=day)), AT


def _routes() -> Iterator[Case]:
    """Each legal route, whole and not, beside what the family says."""
    askers: list[tuple[Recipient, str]] = [
        (ToService("vk-1"), "safety"),
        (ToService("clb-2"), "transfer"),
        (ToService("judiciary-1"), "justice"),
        (ToService("vaph_facility-1"), "care"),
        (ToActor("a-care"), "safety"),
        (ToActor("doctor"), "care"),
        (ToPerson("mother"), "subject_access"),
        (ToPerson("child"), "subject_access"),
    ]
    said = [(), _granted("mother", "father"), (_said("mother", "refuse", classes=None),)]
    flags = [frozenset[str](), frozenset({"secret_address"})]
    for kind, (to, purpose), consents, marks in product(GROUNDS, askers, said, flags):
        child = Child(born=date(2011, 6, 1), flags=marks)
        for ground in _grounds(kind):
            yield _ask(to, purpose=purpose, ground=ground), _facts(*consents, child=child), AT


def _grounds(kind: str) -> Iterator[Ground]:
    whole = Ground(
        kind=kind,
        team="team-1",
        validated=True,
        classes=frozenset(CLASSES),
        notified_on=date(2026, 1, 1),
        due_from=date(2026, 1, 1),
        invoked_by="colleague",
        record="complete",
        valid=True,
        participants=frozenset(ACTORS),
        attempts=(date(2026, 2, 1), date(2026, 2, 8), date(2026, 2, 15)),
    )
    yield whole
    yield replace(whole, validated=False, valid=False, record="incomplete")
    yield replace(whole, notified_on=date(2026, 2, 27), due_from=date(2026, 9, 1))
    yield replace(whole, invoked_by="nobody", participants=frozenset(), attempts=(), team=None)
    yield replace(whole, classes=frozenset({"concern"}), answer="refused", waived=True)


def _moments() -> Iterator[Case]:
    """Decisions, care and protocols that begin and end around the instant of the question."""
    around: list[Moment | None] = [
        None,
        *(AT + one for one in (-DAY, timedelta(0), timedelta(microseconds=1), DAY)),
        *((AT + one).date() for one in (-DAY, timedelta(0), DAY)),
    ]
    for since, until in product(around, around):
        consents = _granted("mother", "father", since=since, until=until)
        yield _ask(), _facts(*consents), AT
        care = (CareRelation(service="vaph_facility-1", since=since, until=until),)
        yield _ask(), _facts(*_granted("mother", "father"), relations=care), AT
    for moment in around:
        known = _granted("mother", "father")
        until_then = (Protocol(from_service="clb-1", to_service="vaph_facility-1", until=moment),)
        yield _ask(), _facts(*known, protocols=until_then), AT
        if isinstance(moment, datetime):
            gone = _granted("mother", "father", withdrawn=moment)
            yield _ask(), _facts(*gone), AT
    for minutes in range(-90, 91, 30):
        midnight = datetime(2026, 3, 29, tzinfo=BRUSSELS) + timedelta(minutes=minutes)
        eve = Child(born=date(2014, 3, 29))
        yield _ask(), _facts(*_granted("mother", "father"), child=eve), midnight


def _oddities() -> Iterator[Case]:
    """Records that cannot be split, services that stopped, flags of the child, changed texts."""
    flags = ("anonymous_help", "secret_address", "deceased", "nonsense")
    yes = _granted("mother", "father", "child")
    for unsplittable, veto, born, flag in product(
        (False, True), (False, True), BIRTHS, (None, *flags)
    ):
        record = Record(
            source="clb-1", segments=SEGMENTS, unsplittable=unsplittable, source_veto=veto
        )
        child = Child(born=born, flags=frozenset({flag}) if flag else frozenset())
        yield _ask(), _facts(*yes, record=record, child=child), AT
    for status, source in product(
        ("active", "suspended", "merged", "closed", "nonsense"), ("clb-1", "nowhere", "old")
    ):
        into = "health-1" if status == "merged" else None
        stopped = Service(kind="vaph_facility", status=status, merged_into=into)
        services = SERVICES | {"vaph_facility-1": stopped}
        record = Record(source=source, segments=SEGMENTS)
        yield _ask(), _facts(*yes, services=services, record=record), AT
    for classes, to in product((None, frozenset({"diagnosis"})), (None, frozenset({"old"}))):
        again = _granted("mother", "father", classes=classes, to=to, text_changed=True)
        yield _ask(kind="pull", classes=classes), _facts(*again), AT


if __name__ == "__main__":
    sys.exit(pin(sys.argv[1:]) or None)
