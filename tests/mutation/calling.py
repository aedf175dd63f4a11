"""Runs collected tests without the ceremony around each, which takes longer than most tests."""

import pytest


def passes(item: pytest.Item) -> bool:
    """Call a test that asks for nothing but its own values; let pytest run any other."""
    if isinstance(item, pytest.Function):
        values = item.callspec.params if hasattr(item, "callspec") else {}
        if set(item._fixtureinfo.argnames) <= set(values):
            return _returns(item, values)
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    return not item.session.testsfailed


def _returns(item: pytest.Function, values: dict[str, object]) -> bool:
    try:
        item.obj(**values)
    except Exception:  # noqa: BLE001 - whatever a test raises, it failed
        return False
    return True


class Calling:
    """A plugin of pytest that calls the tests, and stops at the first that fails."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the collected tests."""
        if not all(passes(item) for item in session.items):
            session.testsfailed = 1
        return True
