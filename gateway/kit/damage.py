"""Damaged copies of a sample, the same for the same seed: cut, changed, and built otherwise."""

import json
import random
from collections.abc import Iterator
from typing import Any

from lxml import etree

_ODD = ("9999-12-31", "31/02/2025", "0.0", "XX9", "\u00e9", "", "<", "{", '"', ";", "1e400", "-1")
_OTHER: tuple[Any, ...] = (None, True, 12, "x", [], {}, [[]], {"a": {"b": 1}}, *_ODD)


def damaged(raw: bytes, *, seed: int, times: int) -> Iterator[bytes]:
    """Copies of a file with one to three kinds of damage each."""
    chance = random.Random(seed)  # noqa: S311 - the same damage every time is what is wanted
    for _ in range(times):
        copy = raw
        for _ in range(chance.randint(1, 3)):
            copy = chance.choice((_cut, _changed, _filled_in, _left_out, _repeated, _built))(
                copy, chance
            )
        yield copy


def _cut(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    return chance.choice((raw[:place], raw[:-1], raw[1:]))


def _changed(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    return raw[:place] + bytes([chance.randrange(256)]) + raw[place + 1 :]


def _filled_in(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    return (
        raw[:place] + chance.choice(_ODD).encode(chance.choice(("utf-8", "cp1252"))) + raw[place:]
    )


def _left_out(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    return raw[:place] + raw[place + chance.randrange(80) :]


def _repeated(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    return raw[: place + chance.randrange(200)] + raw[place:]


def _built(raw: bytes, chance: random.Random) -> bytes:
    """Built otherwise where the file can still be read; else as it is."""
    try:
        return _built_json(raw, chance) if raw[:1] in b"{[" else _built_xml(raw, chance)
    except (ValueError, etree.LxmlError):
        return _rows_moved(raw, chance)


def _built_json(raw: bytes, chance: random.Random) -> bytes:
    document = json.loads(raw)
    holders = [one for one in _holders(document) if one]
    if holders:
        holder = chance.choice(holders)
        place = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        if chance.choice((True, False)):
            del holder[place]
        else:
            holder[place] = chance.choice(_OTHER)
    return json.dumps(document).encode()


def _holders(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _holders(inner)


def _built_xml(raw: bytes, chance: random.Random) -> bytes:
    root = etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
    element = chance.choice([one for one in root.iter() if isinstance(one.tag, str)])
    match chance.randrange(4):
        case 0:
            element.text = chance.choice(_ODD)
        case 1:
            element.extend(list(root)[:2])
        case 2:
            element[:] = reversed(element)
        case _:
            element.clear()
    return etree.tostring(root)


def _rows_moved(raw: bytes, chance: random.Random) -> bytes:
    """Lines in another order, as a spreadsheet leaves them."""
    lines = raw.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)
