"""What `deelregie receive`, `intake` and `cosign` do, with plain words for what goes wrong."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Final

import typer

from gateway import clock
from gateway.settings import SettingsError, load_kafka_settings
from gateway.streams.access import Access, access_of
from gateway.streams.client import BROKER_TROUBLE, REFUSALS
from gateway.streams.hub_client import HubClient, HubRefusedError, HubUnavailableError
from gateway.streams.intake_client import Handed, Sender, handed, send_record, stream_record
from gateway.streams.recipient import Answer, Order, Outcome, receive
from gateway.streams.recipient_text import as_json, as_text
from gateway.streams.topics import is_slug
from gateway.streams.witness import NotCosignedError, Watch, cosign_newest
from gateway.transparency.note import KeyKind, SignerKey, VerifierKey

__all__ = [
    "Order",
    "answer_of",
    "connected",
    "cosign",
    "hand_in",
    "handed",
    "own_access",
    "show_messages",
    "watch",
]

_REFUSED: Final = (
    "the Kafka cluster refuses this user; check DEELREGIE_KAFKA_USER and its password file, and ask"
    " the hub's operator for `deelregie partner topics`"
)


@contextmanager
def connected(address: str, partner: str, key: Path) -> Iterator[tuple[HubClient, Sender]]:
    """Open a connection to the hub as a partner; say in one sentence what went wrong with it."""
    if not is_slug(partner):
        raise typer.BadParameter("use lower-case letters, digits and hyphens", param_hint="PARTNER")
    sender = Sender(partner=partner, private_jwk=_private_key(key))
    client = HubClient(address, partner, sender.private_jwk)
    try:
        yield client, sender
    except (HubUnavailableError, HubRefusedError, ValueError) as error:
        typer.echo(f"deelregie: {error}", err=True)
        raise typer.Exit(1) from error
    except BROKER_TROUBLE as error:
        typer.echo(f"deelregie: {_no_broker(error)}", err=True)
        raise typer.Exit(1) from error
    finally:
        client.close()


def show_messages(client: HubClient, order: Order, *, as_lines: bool, stop: Event) -> int:
    """Print what became of each message; trouble that passes is mentioned once."""
    show = as_json if as_lines else as_text
    mentioned: set[str] = set()

    def tell(outcome: Outcome) -> None:
        typer.echo(show(outcome))

    def explain(error: Exception) -> None:
        what = _trouble(error)
        if what not in mentioned:
            mentioned.add(what)
            typer.echo(f"deelregie: {what}; trying again", err=True)

    return receive(client, order, tell, stop, trouble=explain)


def hand_in(client: HubClient, sender: Sender, record: Handed, *, bootstrap: str | None) -> str:
    """Hand in a record over HTTP, or through Kafka where a cluster is named; return JSON."""
    if bootstrap is None:
        return json.dumps(send_record(client, record))
    topic, offset = stream_record(
        client, sender, record, bootstrap=bootstrap, access=own_access(), at=clock.now()
    )
    return json.dumps({"topic": topic, "offset": offset})


def watch(log_key: str, witness_key: Path, seen: Path) -> Watch:
    """Return what a witness watches, from what was typed."""
    try:
        log = VerifierKey.parse(log_key)
        key = SignerKey.parse(witness_key.read_text("utf-8").partition("\n")[0])
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--log-key or --witness-key") from error
    if key.kind is not KeyKind.WITNESS:
        raise typer.BadParameter("this key signs logs", param_hint="--witness-key")
    return Watch(log=log, key=key, seen=seen)


def cosign(client: HubClient, watched: Watch) -> int:
    """Cosign the newest checkpoint and return its size; say in one sentence why not."""
    try:
        return cosign_newest(client, watched)
    except NotCosignedError as error:
        typer.echo(f"deelregie: {error}", err=True)
        raise typer.Exit(1) from error


def own_access() -> Access:
    """Return how this program signs in at the cluster, as the environment says."""
    try:
        return access_of(load_kafka_settings())
    except SettingsError as error:
        typer.echo(f"deelregie: {error}", err=True)
        raise typer.Exit(1) from error


def _trouble(error: Exception) -> str:
    if isinstance(error, HubUnavailableError):
        return "the hub does not answer"
    return _REFUSED if isinstance(error, REFUSALS) else "the Kafka cluster does not answer"


def _no_broker(error: Exception) -> str:
    if isinstance(error, REFUSALS):
        return _REFUSED
    return (
        "the Kafka cluster did not take it; check --bootstrap, and that the hub has made its"
        " topics (it does when it starts)"
    )


def answer_of(done: str | None, basis: str | None) -> Answer | None:
    """Return what to answer notices with; the hub itself says what it takes."""
    if done is None:
        return None
    if (done == "kept-by-law") != (basis is not None):
        raise typer.BadParameter("goes with kept-by-law, and only with it", param_hint="--basis")
    return Answer(done=done, basis=basis)


def _private_key(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except ValueError:
        found = None
    if not isinstance(found, dict) or "d" not in found:
        raise typer.BadParameter("give a file with one private JWK", param_hint="--key")
    return found
