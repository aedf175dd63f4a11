"""docs/settings.md lists every setting with its unit and default, and nothing that is not one."""

from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

from gateway.settings import OUTSIDE, PREFIX, Settings
from tests.architecture.project import document, table_rows

PAGE = "docs/settings.md"


def as_documented(field: FieldInfo) -> str:
    """Return how the page writes a field's default."""
    if field.is_required():
        return "required"
    if field.default == "":
        return "empty"
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def fields() -> dict[str, str]:
    """Return every variable of the hub with its default as the page writes it."""
    known: dict[str, Any] = Settings.model_fields
    return {PREFIX + name.upper(): as_documented(field) for name, field in known.items()}


def faults(page: str, known: dict[str, str], outside: frozenset[str]) -> Iterator[str]:
    """Yield each way in which the page and the settings differ."""
    rows = {row["variable"].strip("`"): row for row in table_rows(page) if "variable" in row}
    yield from (f"{name} has no row" for name in known if name not in rows)
    for name, row in rows.items():
        if name not in known:
            if name not in outside:
                yield f"{name} is no setting"
            continue
        if not row.get("unit"):
            yield f"{name} has no unit"
        if (default := row.get("default", "").strip("`")) != known[name]:
            yield f"{name} has the default `{known[name]}`, not `{default}`"


def test_page_and_settings_agree() -> None:
    found = list(faults(document(PAGE), fields(), OUTSIDE))
    assert found == [], (
        f"{PAGE} needs a table with the columns Variable, Unit and Default, one row for each"
        f" setting (default `required` or `empty` where that is so): {found}"
    )


def test_each_difference_would_be_found() -> None:
    page = (
        "| Variable | Meaning | Unit | Default |\n|---|---|---|---|\n"
        "| `DEELREGIE_A` | a |  | `5` |\n| `DEELREGIE_OLD` | gone | text | `x` |\n"
    )
    assert list(faults(page, {"DEELREGIE_A": "6", "DEELREGIE_B": "required"}, frozenset())) == [
        "DEELREGIE_B has no row",
        "DEELREGIE_A has no unit",
        "DEELREGIE_A has the default `6`, not `5`",
        "DEELREGIE_OLD is no setting",
    ]
