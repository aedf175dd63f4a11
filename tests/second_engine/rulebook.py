"""The Cedar policies as one table: which rows apply to a segment, and which of them decides.

Cedar answers for every row whether its condition is met. What the rules say about rows *by their
id* ("not for what L3 or L7 carries", "granted as K1 or K4") stands in annotations, followed here.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cedarpy

FOLDER = Path(__file__).parent / "policies"
RIDER = "rider"
ROUTE = "T2"


class CedarError(Exception):
    """Cedar could not evaluate a policy, so that its answer is not complete."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One policy's annotations, with its place in the table."""

    place: int
    id: str
    tier: str
    limb: str
    effect: str = ""
    obligations: frozenset[str] = frozenset()
    silent: bool = False
    builds_on: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    stands_aside_for: frozenset[str] = frozenset()
    adds: str = ""
    waits_for: str = ""
    cites: frozenset[str] = frozenset()
    turns_into: str = ""
    basis: frozenset[str] = frozenset()
    to: frozenset[str] = frozenset()
    not_to: frozenset[str] = frozenset()

    def is_one_of(self, names: frozenset[str]) -> bool:
        """Tell whether names holds this row's id or tier."""
        return self.id in names or self.tier in names


class Applying:
    """The rows whose conditions Cedar found met, for one segment.

    A row that lets something go on a basis that lapsed does not exist (section 6, 7). What is
    "granted as K1 or K4" is so whether or not anything can go by that.
    """

    def __init__(self, met: Iterable[Row], lapsed: frozenset[str]) -> None:
        self._met = sorted(met, key=lambda row: row.place)
        self._exist = [row for row in self._met if row.basis.isdisjoint(lapsed)]

    def deciding(self) -> Row:
        """The first row of the table that applies; gates let through what a route carries."""
        rows = [row for row in self._exist if row.tier != RIDER and self._applies(row)]
        for route in rows:
            if route.tier == ROUTE and _passing_gates(rows, route)[0] is route:
                return route
        if not rows:
            raise CedarError("no row applies, not even the last one")
        return rows[0]

    def riders(self, decided: Row) -> list[Row]:
        """What comes on top of the row that decided."""
        return [
            row
            for row in self._met
            if row.tier == RIDER and self._applies(row) and self._rides_on(row, decided)
        ]

    def _rides_on(self, rider: Row, decided: Row) -> bool:
        if decided.is_one_of(rider.not_to):
            return False
        if rider.to:
            return decided.is_one_of(rider.to)
        return decided.effect in {"permit", "extract"} or bool(decided.cites)

    def _applies(self, row: Row) -> bool:
        if row.builds_on and not self._any_applies(row.builds_on, self._met):
            return False
        return not (row.unless and self._any_applies(row.unless, self._exist))

    def _any_applies(self, names: frozenset[str], among: Iterable[Row]) -> bool:
        return any(row.is_one_of(names) and self._applies(row) for row in among)


def _passing_gates(rows: list[Row], route: Row) -> list[Row]:
    return [row for row in rows if not route.is_one_of(row.stands_aside_for)]


class Rulebook:
    """Parsed policies in the order of the table."""

    def __init__(self, text: str) -> None:
        self._policies = cedarpy.PolicySet.from_str(text)
        self.rows = _rows(text)
        (self.default,) = (row for row in self.rows if row.tier == "T6")
        self._by_policy_id = {f"policy{row.place}": row for row in self.rows}

    def applying(
        self, requests: list[dict[str, object]], entities: str, lapsed: frozenset[str]
    ) -> list[Applying]:
        """For each request the rows that apply; CedarError when one could not be evaluated."""
        answers = cedarpy.is_authorized_batch(requests, self._policies, entities)
        return [Applying(self._read(answer), lapsed) for answer in answers]

    def _read(self, answer: cedarpy.AuthzResult) -> list[Row]:
        if answer.diagnostics.errors:
            raise CedarError("; ".join(answer.diagnostics.errors))
        return [self._by_policy_id[reason] for reason in answer.diagnostics.reasons]


def _rows(text: str) -> Sequence[Row]:
    policies = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
    found = [
        _row(int(name.removeprefix("policy")), policy["annotations"])
        for name, policy in policies.items()
    ]
    return sorted(found, key=lambda row: row.place)


def _row(place: int, notes: dict[str, str]) -> Row:
    def words(key: str) -> frozenset[str]:
        return frozenset(notes.get(key, "").split())

    return Row(
        place=place,
        id=notes["id"],
        tier=notes["tier"],
        limb=notes["limb"],
        effect=notes.get("effect", ""),
        obligations=words("obligations"),
        silent=notes.get("silent") == "yes",
        builds_on=words("builds_on"),
        unless=words("unless"),
        stands_aside_for=words("stands_aside_for"),
        adds=notes.get("adds", ""),
        waits_for=notes.get("waits_for", ""),
        cites=words("cites"),
        turns_into=notes.get("turns_into", ""),
        basis=words("basis"),
        to=words("to"),
        not_to=words("not_to"),
    )


def policy_text() -> str:
    """All policies, in the order of the table."""
    files = sorted(FOLDER.glob("*.cedar"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def schema_text() -> str:
    """What the policies may read, and of which type."""
    return (FOLDER / "schema.cedarschema").read_text(encoding="utf-8")


@cache
def rulebook() -> Rulebook:
    """The rules as they stand in `policies/`."""
    return Rulebook(policy_text())
