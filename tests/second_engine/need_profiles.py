"""The need profiles of section 4, as the rules print them: a line per reader, a letter per class.

x goes; c only the core; m only for role `medical`; d as a daily-care extract; o only where the
source is that service itself; . never.
"""

CLASSES = [
    "logistics",
    "functional",
    "development",
    "diagnosis",
    "diagnostic_report",
    "medical",
    "sexual_health",
    "context",
    "concern",
]

_CARE = {"care", "medical"}
_DECIDE = {"decision", "medical"}
_BY_KIND: list[tuple[set[str], set[str], str]] = [
    ({"clb", "health"}, _CARE, "x x x x x m m x o"),
    ({"caw"}, _CARE, "x x x x . . . x o"),
    ({"vaph_facility", "ckg", "foster_service"}, _CARE, "x x x x x m . x o"),
    ({"vk", "ocj"}, _CARE, "x x x x x m . x x"),
    ({"vaph_admin", "groeipakket", "opgroeien_admin"}, _DECIDE, "x x . c . m . . ."),
]
_BY_ROLE = {
    "childcare_worker": "x x . . . . . . .",
    "teacher": "x x . . . . . . .",
    "childcare_lead": "x x x c . . . . .",
    "trajectory_supporter": "x x x c . . . x .",
}
_BY_RELATION = {"foster_parent": "x x x c . d . . ."}
_NOBODY = ". . . . . . . . ."
_NO_COLUMN = {
    "parent_data",
    "third_party",
    "confidential",
    "judicial",
    "placement",
    "identity",
    "national_number",
}
_MEANING = {"x": "goes", "c": "core", "d": "daily", ".": "never"}


def _line(kind: str, role: str, relation: str) -> str:
    if relation in _BY_RELATION:
        return _BY_RELATION[relation]
    if role in _BY_ROLE:
        return _BY_ROLE[role]
    for kinds, roles, line in _BY_KIND:
        if kind in kinds and role in roles:
            return line
    return _NOBODY


def need(*, data_class: str, kind: str, role: str, relation: str, own_service: bool) -> str:
    """What the reader's profile says of a class: goes, core, daily, never or no_column."""
    if data_class in _NO_COLUMN or kind in {"judiciary", "police"}:
        return "no_column"
    if data_class not in CLASSES:
        return "never"
    letter = _line(kind, role, relation).split()[CLASSES.index(data_class)]
    if letter == "m":
        return "goes" if role == "medical" else "never"
    if letter == "o":
        return "goes" if own_service else "never"
    return _MEANING[letter]
