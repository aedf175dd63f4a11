"""The answer of GeefVolledigDossierHandicap 03.00 in its own spelling, elements in any order."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.node import Field, Node

NAME = "GeefVolledigDossierHandicap"
_ROOT = f"{NAME}Response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The multidisciplinary report a statement rests on."""

    sent: Field | None
    recognition: Field | None
    name: Field | None
    enterprise: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A code with its title, and the report behind it where there is one."""

    code: Field | None
    title: Field | None
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class IqTest:
    """Performance, verbal and total IQ; 0.0 means none."""

    taken: Field | None
    scores: tuple[tuple[str, Field | None], ...]
    instrument: Field | None
    report: Report
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Named values under one report: motor limitations, care weight, self-reliance."""

    values: tuple[tuple[str, Field], ...]
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Whether and for how long the handicap is recognised."""

    granted: Field | None
    start: Field | None
    end: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Representative:
    """A legal representative, known by number only."""

    insz: Field | None
    kind: Field | None
    kind_title: Field | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A budget decision without its amounts."""

    kind: str
    category: Field | None
    title: Field | None
    start: Field | None
    end: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that gives directly accessible help."""

    enterprise: Field | None
    recognition: Field | None
    name: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One person's dossier."""

    place: str
    fields: tuple[Field, ...]
    insz: Field | None
    number: Field | None
    recognition: Recognition
    representatives: tuple[Representative, ...]
    disorders: tuple[Coded, ...]
    handicaps: tuple[Coded, ...]
    iq: IqTest | None
    motor: Measures | None
    weight: Measures | None
    self_reliance: Measures | None
    budgets: tuple[Budget, ...]
    services: tuple[Service, ...]
    contact: tuple[Field, ...]
    amounts: tuple[Field, ...]
    procedure: tuple[Field, ...]
    usage: tuple[Field, ...]
    aids: tuple[Field, ...]
    reference: Field | None
    echo: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The whole answer."""

    fields: tuple[Field, ...]
    date: Field | None
    time: Field | None
    envelope: tuple[Field, ...]
    exceptions: tuple[Node, ...]
    dossiers: tuple[Dossier, ...]


def is_dossier(root: Node) -> bool:
    """Whether the document says it is an answer of this service."""
    return root.name == _ROOT


def read(root: Node, _: ReadOptions) -> Reply | Unreadable:
    """Document to payload; another one than this service's answer is refused by its root."""
    reply = root.node("Repliek")
    if root.name != _ROOT or reply is None:
        return _unexpected("/", f"the document is no answer of {NAME}; send that answer")
    version = reply.field("Context", "Versie")
    if version and version.text and not version.text.startswith("03."):
        return _unexpected(version.path, "this version is not read; ask the answer in 03.00")
    return _reply(root, reply)


def _unexpected(where: str, message: str) -> Unreadable:
    return Unreadable(code="unexpected-document", where=where, message=message, status=422)


def _reply(root: Node, reply: Node) -> Reply:
    sent = reply.at("Context", "Bericht", "Tijdstip")
    answers = reply.node("Antwoorden")
    found = tuple(answers.nodes("Antwoord")) if answers else ()
    return Reply(
        fields=tuple(root.leaves()),
        date=sent.field("Datum") if sent else None,
        time=sent.field("Tijd") if sent else None,
        envelope=reply.fields("Context"),
        exceptions=tuple(_exceptions(reply, found)),
        dossiers=tuple(_dossiers(found)),
    )


def _exceptions(reply: Node, answers: tuple[Node, ...]) -> Iterator[Node]:
    for holder in (reply, *answers):
        yield from holder.nodes("Uitzonderingen")


def _dossiers(answers: tuple[Node, ...]) -> Iterator[Dossier]:
    for answer in answers:
        for content in answer.nodes("Inhoud"):
            for dossier in content.nodes(NAME):
                yield _dossier(dossier, answer)


def _dossier(node: Node, answer: Node) -> Dossier:
    person = node.node("persoonsgegevens")
    diagnosis = node.node("diagnose")
    return Dossier(
        place=node.path,
        fields=tuple(node.leaves()),
        insz=person.field("rijksregisternummer") if person else None,
        number=person.field("dossiernummer") if person else None,
        recognition=_recognition(person),
        representatives=tuple(map(_representative, _items(node, "wettelijkeVertegenwoordigers"))),
        disorders=tuple(map(_coded, _items(diagnosis, "stoornissen"))),
        handicaps=(
            *map(_coded, _items(diagnosis, "handicaps")),
            *map(_coded, _items(diagnosis, "beperkingen")),
        ),
        iq=_iq(diagnosis),
        motor=_measures(diagnosis, "motorischeBeperkingen"),
        weight=_measures(diagnosis, "zorgZwaarte"),
        self_reliance=_measures(diagnosis, "zelfredzaamheid"),
        budgets=tuple(_budgets(node)),
        services=tuple(map(_service, _items(node.node("nietPvbGebondenZorg"), "rth"))),
        reference=answer.field("Referte"),
        echo=answer.fields("Referte"),
        **_left_out(node),
    )


def _left_out(node: Node) -> dict[str, tuple[Field, ...]]:
    person = node.node("persoonsgegevens")
    budget = node.node("persoonsvolgendBudget")
    contact = ("adres", "telefoonnummer", "emailadres")
    procedure = (
        "ondersteuningsplannen",
        "inAfwachtingVanBudgetOfExtraBudget",
    )
    return {
        "contact": tuple(f for name in contact for f in (person.fields(name) if person else ())),
        "procedure": tuple(
            f for name in procedure for f in (budget.fields(name) if budget else ())
        ),
        "amounts": tuple(_amounts(budget)),
        "usage": tuple(_usage(node.node("nietPvbGebondenZorg"))),
        "aids": node.fields("imb"),
    }


def _items(holder: Node | None, name: str) -> Iterator[Node]:
    """The `…Item` elements of every list of that name."""
    for listed in holder.nodes(name) if holder else ():
        yield from listed.nodes(f"{name}Item")


def _report(node: Node | None) -> Report:
    report = node.node("verslag") if node else None
    author = report.node("mdtVerslagNemer") if report else None
    return Report(
        sent=report.field("verzendingsdatum") if report else None,
        recognition=author.field("erkenningsnummer") if author else None,
        name=author.field("naam") if author else None,
        enterprise=author.field("ondernemingsnummer") if author else None,
    )


def _coded(node: Node) -> Coded:
    return Coded(
        code=node.field("code"),
        title=node.field("naam") or node.field("omschrijving"),
        report=_report(node),
    )


def _recognition(person: Node | None) -> Recognition:
    node = person.node("erkenningHandicap") if person else None
    return Recognition(
        granted=node.field("heeftHandicap") if node else None,
        start=node.field("startdatum") if node else None,
        end=node.field("einddatum") if node else None,
    )


def _representative(node: Node) -> Representative:
    kind = node.node("wettelijkeVertegenwoordigerType")
    return Representative(
        insz=node.field("rijksregisternummer"),
        kind=kind.field("code") if kind else None,
        kind_title=kind.field("omschrijving") if kind else None,
        fields=tuple(node.leaves()),
    )


def _iq(diagnosis: Node | None) -> IqTest | None:
    node = diagnosis.node("iqTest") if diagnosis else None
    if node is None:
        return None
    return IqTest(
        taken=node.field("datum"),
        scores=(
            ("performance", node.field("p")),
            ("verbal", node.field("v")),
            ("total", node.field("t")),
        ),
        instrument=node.field("type"),
        report=_report(node),
        fields=tuple(node.leaves()),
    )


def _measures(diagnosis: Node | None, name: str) -> Measures | None:
    node = diagnosis.node(name) if diagnosis else None
    if node is None:
        return None
    values = tuple((child.name, child.own) for child in node.children if child.own)
    return Measures(values=values, report=_report(node))


def _budgets(node: Node) -> Iterator[Budget]:
    held = node.at("persoonsvolgendBudget", "budget")
    for decision in held.children if held else ():
        category = decision.node("budgetcategorie")
        yield Budget(
            kind=decision.name,
            category=category.field("code") if category else None,
            title=category.field("omschrijving") if category else None,
            start=decision.field("startdatum"),
            end=decision.field("einddatum"),
        )


def _amounts(budget: Node | None) -> Iterator[Field]:
    held = budget.node("budget") if budget else None
    for decision in held.children if held else ():
        for name in ("jaarbudgetten", "overeenkomsten", "noodAanToezicht"):
            yield from decision.fields(name)


def _service(node: Node) -> Service:
    return Service(
        enterprise=node.field("ondernemingsnummer"),
        recognition=node.field("erkenningsnummer"),
        name=node.field("naam"),
    )


def _usage(care: Node | None) -> Iterator[Field]:
    for item in _items(care, "rth"):
        yield from item.fields("registratiesPerJaar")
    yield from care.fields("overeenkomsten") if care else ()
