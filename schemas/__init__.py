"""Data the code rests on: partner schemas, code tables, FHIR bindings, locales."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

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
