"""Data the code rests on: partner schemas, code tables, FHIR bindings, locales."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

CodeTable = Mapping[str, Mapping[str, str]]
"""Rows of a code table by source code."""


def read_data(*path: str) -> bytes:
    """The bytes of a data file of this package."""
    return files("schemas").joinpath(*path).read_bytes()


@cache
def code_table(name: str) -> CodeTable:
    """A code table of `schemas/codes/`; each file names its source and date."""
    rows = json.loads(read_data("codes", f"{name}.json"))["rows"]
    return MappingProxyType({code: MappingProxyType(row) for code, row in rows.items()})


@cache
def legal_bases() -> Mapping[str, Any]:
    """The register of legal bases of `schemas/legal/`: title and citations of each, by its key."""
    return MappingProxyType(json.loads(read_data("legal", "bases.v1.json"))["bases"])


@lru_cache(maxsize=4096)
def lapsed_bases(day: date) -> frozenset[str]:
    """The keys of the register none of whose citations is valid on this day in Flanders."""
    return frozenset(
        key
        for key, basis in legal_bases().items()
        if not any(_valid_on(day.isoformat(), one) for one in basis["citations"])
    )


def _valid_on(day: str, citation: Mapping[str, Any]) -> bool:
    # From and until are days as well, both included; an open end is null.
    return (citation["from"] or day) <= day <= (citation["until"] or day)
