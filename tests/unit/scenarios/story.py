"""One whole scenario as a text, to be spoiled or changed line by line."""

from pathlib import Path

NAME = "dossier-for-vaph"
STORY = """\
scenario: dossier-for-vaph
title: Both parents granted the diagnosis; nobody granted the mother's own history
at: "2026-03-02T10:00:00+01:00"
child: {born: 2017-02-01}
people:
  mother: {relation: parent, authority: exercised}
  father: {relation: parent, authority: exercised}
services:
  clb-1: {kind: clb}
  vaph-1: {kind: vaph_facility}
  creche: {kind: childcare}
actors:
  an: {service: vaph-1, role: care}
relations:
  - {service: vaph-1, from: 2025-01-01}
consents:
  - {by: mother, effect: grant, classes: [diagnosis], purpose: care, to: vaph-1, since: 2026-01-01}
  - {by: father, effect: grant, classes: [diagnosis], purpose: care, to: vaph-1, since: 2026-01-01}
record:
  source: clb-1
  segments:
    - {id: dx, class: diagnosis}
    - {id: history, class: parent_data, about: [mother]}
request:
  to: {service: vaph-1}
  purpose: care
"""
EXPECTED = """\
expect:
  outcome: redact
  segments: {dx: permit, history: withhold}
  rules: {dx: K1, history: H5}
  obligations: [minimum, no_onward]
  silent: false
"""
WHOLE = STORY + EXPECTED


def changed(line: str, other: str, text: str = WHOLE) -> str:
    """The story with one piece replaced, which must stand in it exactly once."""
    assert text.count(line) == 1, line
    return text.replace(line, other)


def written(folder: Path, text: str | bytes = WHOLE, name: str = NAME) -> Path:
    path = folder / f"{name}.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def line_of(text: str, piece: str) -> int:
    """The line, counted from 1, on which a piece begins."""
    return text[: text.index(piece)].count("\n") + 1
