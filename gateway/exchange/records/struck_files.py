"""A file that was struck under a number is the child's as soon as the number leads to it.

Whichever service's delivery, or whichever person, made the number lead there. What was remembered
under the number is looked up whenever statements are kept; nothing is copied for another source.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from adapters.contract import Translation
from adapters.registry import ADAPTERS
from gateway.exchange.hub import Hub
from gateway.exchange.records.origin import Origin
from gateway.exchange.records.statement_names import file_called, file_name, local_name
from gateway.store import children, statements
from gateway.store.engine import Transaction
from gateway.store.statements import Strike


def numbers_struck(hub: Hub, origin: Origin, translation: Translation) -> frozenset[bytes]:
    """Return the numbers by which a delivery strikes files.

    Whoever lets one lead to a child waits for them, so that neither passes the other by.
    """
    subjects = [one.subject for one in translation.retractions if one.key is None and one.subject]
    national = {hub.vault.lookup("insz", one.insz) for one in subjects if one.insz}
    own = {
        local_name(hub, origin.delivered_by, origin.source, one.local)
        for one in subjects
        if one.local
    }
    return frozenset(national | own)


def names_of_numbers(tx: Transaction, hub: Hub, source: str, child: UUID) -> frozenset[bytes]:
    """Return the names under which a source may have struck a child's file by number."""
    return names_called(hub, source, children.own_identifiers_of(tx, child))


def names_called(hub: Hub, source: str, numbers: Iterable[bytes]) -> frozenset[bytes]:
    """Return the names under which a source may have struck a file by one of these numbers."""
    return frozenset(file_called(hub, source, one) for one in numbers)


def strikes_by_number(
    tx: Transaction, hub: Hub, numbers: Collection[bytes]
) -> tuple[tuple[str, Strike], ...]:
    """Return, with its source, each strike under numbers that lead to one child alone."""
    names = {file_called(hub, source, one): source for source in ADAPTERS for one in numbers}
    return tuple((names[one.name], one) for one in statements.strikes(tx, names))


def bind_file(
    tx: Transaction, hub: Hub, origin: Origin, child: UUID, found: Iterable[Strike]
) -> frozenset[bytes]:
    """Let what this source struck under a number hold for the child, whatever the number becomes.

    Return the names of what is stored of its file, to be looked at again.
    """
    file, bound = file_name(hub, origin.source, child), False
    for one in found:
        bound = True
        statements.record_ends(
            tx,
            origin.partner,
            [file],
            ending=one.ending,
            asserted_at=one.asserted_at,
            receipt=one.receipt,
        )
    under = statements.under(tx, origin.partner, [file], [child]) if bound else {}
    return under.get(child, frozenset())
