"""Real Chromium on the real system, with a family of its own for every test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.visit import DESK, Case, Visit
from tests.support.chromium import launch
from tests.support.families import a_family
from tests.support.running_hub import CLB, VAPH, RunningHub


# Per module: Playwright's event loop would be in the way of tests that start one of their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright, launch(playwright) as browser:
        yield browser


@pytest.fixture
def case(system: RunningHub) -> Case:
    family = a_family()
    system.delivered(VAPH, family.vaph_2023)
    clb = system.delivered(CLB, family.clb_2024)
    return Case(family=family, patient=clb["parts"][0]["patient"])


@pytest.fixture
def visits(chromium: Browser, system: RunningHub) -> Iterator[Callable[..., Visit]]:
    """Open browsers for this test; afterwards nothing may have left the machine or complained."""
    opened: list[tuple[BrowserContext, Visit]] = []

    def visit(**options: Any) -> Visit:
        options.setdefault("viewport", DESK)
        context = chromium.new_context(**options)
        opened.append((context, Visit(context.new_page(), system)))
        return opened[-1][1]

    yield visit
    for context, one in opened:
        context.close()
        assert one.left == []
        assert one.complaints == []


@pytest.fixture
def visit(visits: Callable[..., Visit]) -> Visit:
    return visits()


@pytest.fixture
def mother(visit: Visit, case: Case) -> Visit:
    visit.sign_in_parent(case.family.mother)
    return visit
