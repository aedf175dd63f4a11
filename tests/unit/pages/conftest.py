from collections.abc import Iterator

import pytest

from tests.unit.pages.stand_in import Family, patch_exchange
from tests.unit.pages.visitor import Visitor, pages_app, settings


@pytest.fixture
def family(monkeypatch: pytest.MonkeyPatch) -> Family:
    family = Family()
    patch_exchange(monkeypatch, family)
    return family


@pytest.fixture
def visitor(family: Family) -> Iterator[Visitor]:
    app = pages_app(settings())
    yield Visitor(app)
    app.state.hub.engine.dispose()


@pytest.fixture
def mother(visitor: Visitor) -> Visitor:
    return visitor.signed_in(person="mother")


@pytest.fixture
def auditor(visitor: Visitor) -> Visitor:
    return visitor.signed_in(auditor="a1", roles=["auditor"])
