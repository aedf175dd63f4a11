"""Write a new source into a checkout: all that the registry and the contract suite look for."""

import importlib
import json
import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from adapters.contract import dump
from adapters.opening import Opened, open_file
from adapters.translate import to_report
from gateway import clock
from gateway.kit.check import GOLDEN, ROOT
from gateway.kit.samples import ALLOWED

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,30}")
_TREE: Final = {
    "Document": "Node",
    "import_document": "from adapters.reading.node import Node",
    "fault": "",
}
_TABLE: Final = {
    "Document": "Table",
    "import_document": "from adapters.reading.csv_table import Table",
    "fault": """    if one.fault:
        ledger.refuse(one.place, "row", one.fault.code, one.fault.message, part=number)
        return None
""",
}
_MEDIA_TYPES: Final = {
    "json": '"application/json"',
    "xml": '"application/xml", "text/xml"',
    "csv": '"text/csv", "application/csv"',
}
_PLACES: Final = ("id", "insz", "family", "given", "born", "gender", "since", "note")


class NameRefused(ValueError):
    """A name that cannot be a folder, a source and a word in an address at once."""


def scaffold(name: str, kind: str) -> list[Path]:
    """Write the source and register it; return the files, relative to the checkout.

    Raises `NameRefused` for an unusable name and `FileExistsError` when it is there already.
    """
    if not _NAME.fullmatch(name):
        raise NameRefused("use 2 to 31 small letters, digits and _, and begin with a letter")
    if (ROOT / "adapters" / name).exists():
        raise FileExistsError(f"adapters/{name} is there already")
    new, edits = dict(_files(name, kind)), dict(_registrations(name))
    for path, text in {**new, **edits}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    golden = _golden(name, kind)
    return [path.relative_to(ROOT) for path in (*new, *edits, golden)]


def _files(name: str, kind: str) -> Iterator[tuple[Path, str]]:
    folder = ROOT / "adapters" / name
    words = {
        "name": name,
        "Title": name.replace("_", " ").capitalize(),
        "KIND": kind.upper(),
        "media_types": _MEDIA_TYPES[kind],
        **(_TABLE if kind == "csv" else _TREE),
    }
    payload = "payload_table" if kind == "csv" else "payload_tree"
    yield folder / "__init__.py", _filled("init", words)
    yield folder / "payload.py", _filled(payload, words)
    yield folder / "mapping.py", _filled("mapping", words)
    yield folder / "README.md", _filled("readme", words)
    yield ROOT / "schemas" / "mappings" / name / "records.json", _places(name, kind)
    yield _sample_path(name, kind), _filled(f"sample_{kind}", words)


def _sample_path(name: str, kind: str) -> Path:
    return ROOT / "schemas" / "sources" / name / f"{name}_01_example.{kind}"


def _filled(template: str, words: dict[str, str]) -> str:
    text = files("gateway.kit").joinpath("templates", f"{template}.txt").read_text("utf-8")
    return Template(text).substitute(words)


def _places(name: str, kind: str) -> str:
    places = {own: own for own in _PLACES}
    if kind == "json":
        places = {"records": "records", **places}
    elif kind == "xml":
        places = {"records": "record", **places, "id": "@id"}
    about = {
        "version": "1",
        "source": f"plausible invention (schemas/sources/{name})",
        "date": clock.now().date().isoformat(),
        "status": "invented",
    }
    return json.dumps({**about, "places": places}, indent=2) + "\n"


def _registrations(name: str) -> Iterator[tuple[Path, str]]:
    """The lines in files that name every source."""
    registry = ROOT / "adapters" / "registry.py"
    text = registry.read_text("utf-8")
    text = re.sub(
        r"^from adapters import (.+)$",
        lambda found: "from adapters import " + _with(found[1], name),
        text,
        flags=re.MULTILINE,
    )
    entry = f'    "{name}": {name}.ADAPTER,\n'
    yield registry, re.sub(r"(\n    \"[^\n]+\n)\}", rf"\1{entry}}}", text)
    events = ROOT / "schemas" / "events" / "asyncapi.yaml"
    named = r"(enum: \[)([a-z0-9_, ]+)(\])"
    yield (
        events,
        re.sub(
            named,
            lambda found: f"{found[1]}{found[2]}, {name}{found[3]}",
            events.read_text("utf-8"),
            count=1,
        ),
    )
    project = ROOT / "pyproject.toml"
    last = '"adapters.childcare"'
    text = project.read_text("utf-8")
    yield project, text.replace(last, f'{last}, "adapters.{name}"', 1)


def _with(listed: str, name: str) -> str:
    return ", ".join(sorted({*listed.split(", "), name}))


def _golden(name: str, kind: str) -> Path:
    """Translate the sample by the new adapter itself, which is not in the registry yet."""
    importlib.invalidate_caches()
    sys.path.insert(0, str(ROOT))
    adapter = importlib.import_module(f"adapters.{name}").ADAPTER
    sample = _sample_path(name, kind)
    raw = sample.read_bytes()
    opened = open_file(adapter, raw, ALLOWED)
    outcome = opened.to_fhir(ALLOWED) if isinstance(opened, Opened) else opened
    path = GOLDEN / f"{name}-{sample.stem}.json"
    path.write_bytes(dump(to_report(name, raw, outcome), pretty=True) + b"\n")
    return path
