"""After a merger, giving less and stopping reach what was given to the service that merged."""

from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest

from gateway.clock import brussels_date
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.family_views.family_view import ChildView, children_of
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.services.organisations import merge_partner
from gateway.identity.jose import new_signing_jwk, public_part
from gateway.portal.ask import _given
from gateway.portal.family import running
from gateway.portal.offer import offered_purposes
from gateway.portal.overview import row_of
from gateway.portal.stop import _together
from gateway.store import consents
from gateway.store.engine import transaction
from tests.support.family_world import CAW, LONG_AGO, SEVEN, FamilyWorld

HEIR = "caw-groot"
HOUR = timedelta(hours=1)
AFTER = SEVEN + 2 * HOUR


@pytest.fixture
def merged(world: FamilyWorld) -> FamilyWorld:
    """Both parents gave to a service that then merged."""
    jwks = {"keys": [public_part(new_signing_jwk())]}
    heir = Registration(id=HEIR, name="CAW groot", kind="caw", source=None, jwks=jwks)
    register_partner(world.hub, heir, at=LONG_AGO)
    for parent in (world.mother, world.father):
        world.given(parent, {"diagnosis", "functional"}, at=SEVEN, to=CAW)
    merge_partner(world.hub, CAW, HEIR, at=SEVEN + HOUR)
    assert world.reads(HEIR, at=AFTER) == 1
    return world


def seen_by_mother(world: FamilyWorld) -> ChildView:
    (child,) = children_of(world.hub, world.mother, at=AFTER)
    return child


def test_giving_the_successor_less_stops_the_rest(merged: FamilyWorld) -> None:
    merged.seal(at=AFTER)
    diagnosis = [one for one, about in merged.keys(HEIR).items() if about == "diagnosis"]
    assert diagnosis
    merged.open(diagnosis, HEIR, at=AFTER)
    given = merged.given(merged.mother, {"functional"}, at=AFTER + HOUR, to=HEIR)
    assert merged.reads(HEIR, at=AFTER + HOUR) == 0
    assert set(merged.keys(HEIR).values()) == {"functional"}
    (notice,) = [one for one in merged.seal(at=AFTER + HOUR) if "withdrawn" in one.type]
    assert orjson.loads(notice.jwe)["withdrawn"] == diagnosis
    assert withdraw_consent(merged.hub, merged.mother, given, at=AFTER + 2 * HOUR)
    assert merged.keys(HEIR) == {}
    assert merged.reads(HEIR, at=AFTER + 2 * HOUR, type="Observation") == 0


def test_what_is_left_of_a_stop_is_without_what_the_successor_was_given(
    merged: FamilyWorld,
) -> None:
    (earlier,) = [one for one in seen_by_mother(merged).consents if one.mine]
    merged.given(merged.mother, {"functional"}, at=AFTER, to=HEIR)
    with transaction(merged.hub.engine) as tx:
        left = consents.stopped_part(tx, merged.row(earlier.id).id)
    assert left is not None
    assert left.classes == ("diagnosis",)


def test_the_page_offers_to_stop_what_was_given_before_the_merger(merged: FamilyWorld) -> None:
    child = seen_by_mother(merged)
    (service,) = [one for one in child.services if one.partner == HEIR]
    row = row_of(service, running(child.consents, at=AFTER))
    (own,) = [one for one in child.consents if one.mine]
    assert row.stop == own.id
    assert row.until == own.until > brussels_date(AFTER)
    assert not row.by_other
    # As if something had been given to the successor under another purpose.
    newer = replace(own, id="newer", partner=HEIR)
    both = replace(child, consents=(newer, own))
    assert {one.id for one in _together(both, newer, at=AFTER)} == {"newer", own.id}
    usual = replace(own, purpose=offered_purposes(service.kind)[0], until=date.max)
    assert _given(replace(child, consents=(usual,)), service) == own.classes
