"""What the calendar does with retention: it counts, and erases only where the setting says so."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.exchange.erasure.retention import COUNTS, Due, Plan
from gateway.observability import Event as LogEvent
from gateway.streams import calendar

AT = datetime(2026, 1, 12, 9, tzinfo=UTC)
DUE = Due(
    child="f" * 32,
    source="vaph",
    data_class="logistics",
    count=3,
    due=date(2026, 1, 1),
    period="youth-help",
    erases="child",
)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what is done and written, in order."""
    found: list[Any] = []

    def erase(*_: object, **__: object) -> dict[str, int]:
        found.append("erased")
        return dict.fromkeys(COUNTS, 0) | {"children": 1}

    plan = Plan(day=AT.date(), due=(DUE,), kept={})
    monkeypatch.setattr(calendar, "retention_plan", lambda *_, **__: plan)
    monkeypatch.setattr(calendar, "apply_retention", erase)
    monkeypatch.setattr(calendar, "log", lambda event, **more: found.append((event, more)))
    return found


def _keep(setting: str) -> None:
    hub: Any = SimpleNamespace(settings=SimpleNamespace(retention=setting))
    calendar.keep_retention(hub, at=AT, told=lambda: False)


def test_by_default_it_only_says_how_much_is_due(told: list[Any]) -> None:
    _keep("dry_run")
    assert told == [(LogEvent.RETENTION_DUE, {"count": 3})]


def test_where_the_setting_says_so_it_erases_and_counts(told: list[Any]) -> None:
    _keep("apply")
    assert told == ["erased", (LogEvent.RETENTION_APPLIED, {"code": "children", "count": 1})]
