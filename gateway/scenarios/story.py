"""A scenario: the facts, one request, and what the hub must answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from consent.model import Facts, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a scenario expects; what it leaves out (None, empty) is not compared."""

    outcome: str | None = None
    segments: Mapping[str, str] = field(default_factory=dict[str, str])
    rules: Mapping[str, str] = field(default_factory=dict[str, str])
    obligations: frozenset[str] = frozenset()
    silent: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One situation a lawyer can read and check."""

    name: str
    title: str
    at: datetime
    facts: Facts
    request: Request
    expect: Expectation
