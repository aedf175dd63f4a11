"""Reads the grants somebody thinks of giving, as typed: PERSON:CLASSES:SERVICES."""

from collections.abc import Iterable

from consent.model import CHILD, Facts
from consent.vocabulary import DATA_CLASSES
from consent.what_if import Given
from gateway.scenarios.error import use_one_of


def given_in(text: str, facts: Facts) -> Given:
    """Read one grant, e.g. `mother:diagnosis,functional:vaph-1`; ValueError says what is wrong."""
    parts = text.split(":")
    if len(parts) != 3:  # noqa: PLR2004 - person, classes and services
        raise ValueError(f"`{text}` must be PERSON:CLASSES:SERVICES, e.g. mother:diagnosis:vaph-1")
    person, classes, services = parts
    _known({person}, {CHILD, *facts.people}, "person")
    return Given(
        by=person,
        classes=None
        if classes == "any"
        else _known(set(classes.split(",")), DATA_CLASSES, "class"),
        # A grant names services: there is no grant to all partners.
        to=_known(set(services.split(",")), facts.services, "service"),
    )


def _known(found: set[str], known: Iterable[str], what: str) -> frozenset[str]:
    words = sorted(known)
    for word in sorted(found):
        if word not in words:
            raise ValueError(f"unknown {what} `{word}`. {use_one_of(word, words)}")
    return frozenset(found)
