"""What a parent can be asked for a kind of service: the need profiles, as choices on a page."""

from collections.abc import Iterator
from functools import cache

from consent.profiles import profile_of_role, purposes_of_role
from consent.vocabulary import ROLES
from gateway.exchange.families.give_consent import CLASSES, PURPOSES
from gateway.i18n import in_order

# Cells of a need profile in which a grant of the family makes a difference.
_NEEDS_A_GRANT = frozenset({"x", "c", "m", "d"})
# A trajectory supporter may come from any service; that does not widen what the service needs.
_ROLES = ROLES - {"trajectory_supporter"}


@cache
def offered_classes(kind: str) -> tuple[str, ...]:
    """Return the classes a service of this kind can need, in the order of the pages."""
    return in_order("class", frozenset(_needed(kind)))


@cache
def offered_purposes(kind: str) -> tuple[str, ...]:
    """Return the purposes a grant to this kind can name; the first is the usual one."""
    purposes = (purposes_of_role(kind, role) for role in _ROLES)
    return in_order("purpose", frozenset[str]().union(*purposes) & PURPOSES)


def _needed(kind: str) -> Iterator[str]:
    for role in _ROLES:
        if purposes_of_role(kind, role) & PURPOSES:
            profile = profile_of_role(kind, role)
            yield from (name for name in CLASSES if profile.get(name) in _NEEDS_A_GRANT)
