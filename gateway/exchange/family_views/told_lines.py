"""Which lines of the access log a person of the family may know of (rules of sharing, section 10).

Chosen by the database, before any limit, so that what is left out leaves no gap and no count.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, not_

from gateway.exchange.families.viewing import Viewer
from gateway.store import consents, routes
from gateway.store.engine import Transaction
from gateway.store.tables import access_log as log_table

_SELF_GIVER: Final = "self"
# What tells that the child said no, shut somebody out, objected, or has intimate health data.
_TELLING_RULES: Final = ["R1", "R2", "R6", "H7"]
_TELLING_CLASSES: Final = ["sexual_health"]


def told_to(
    tx: Transaction,
    viewer: Viewer,
    *,
    at: datetime,
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on the lines about this child that this person may know of."""
    about = (log_table.c.child == viewer.child, routes.told_to_family(viewer.child, at=at))
    if viewer.is_child:
        return about if viewer.sees_file else (*about, _rests_on_own(tx, viewer))
    shown = (*about, *_no_secret_place(), *_not_of_the_child(tx, viewer))
    return shown if viewer.sees_file else (*shown, _rests_on_own(tx, viewer), *_not_telling())


def _not_of_the_child(tx: Transaction, viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    """What the child once decided is told to nobody else, also not who decides again in its place.

    A refused question does not name the no that it fell to; so, of a child that ever decided
    anything, no line is told that could have fallen to one.
    """
    own = [one.id for one in consents.of_child(tx, viewer.child) if one.giver == _SELF_GIVER]
    return (not_(log_table.c.consents.overlap(own)), *_not_telling()) if own else ()


def _no_secret_place() -> tuple[ColumnElement[bool], ...]:
    """Rule H1: a line about a secret place is withheld."""
    return not_(log_table.c.classes.overlap(["placement"])), not_(log_table.c.rules.overlap(["H1"]))


def _rests_on_own(tx: Transaction, viewer: Viewer) -> ColumnElement[bool]:
    """Only what rests on this person's decision: even a refusal would tell who helps the child."""
    own = [one.id for one in consents.of_child(tx, viewer.child) if one.person == viewer.person]
    found: ColumnElement[bool] = log_table.c.consents.overlap(own)
    return found


def _not_telling() -> tuple[ColumnElement[bool], ...]:
    return (
        not_(log_table.c.rules.overlap(_TELLING_RULES)),
        not_(log_table.c.classes.overlap(_TELLING_CLASSES)),
    )
