"""Commands of an operator about time and services.

`calendar`, `partner merge|split|close|receive` and `partner protocol add|end|list|enforce`.

Only the options and the answers are here; what does the work is loaded when a command runs.
"""

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.opening import fail, opened

if TYPE_CHECKING:
    from gateway.exchange.hub import Hub
    from gateway.exchange.services.carry_out_protocols import Carried
    from gateway.exchange.services.organisations import Reorganised
    from gateway.exchange.services.register_protocol import Register
    from gateway.store.protocols import Flow, Protocol

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
_WORDS = {
    "reminded": "people reminded that a consent ends soon",
    "announced": "people told of a birthday",
    "consents_ended": "decisions ended",
    "age_events": "birthdays carried out",
    "routes_ended": "legal routes ended",
    "keys_destroyed": "keys destroyed",
    "held_again": "held messages to be decided again",
    "organisations_settled": "mergers or closures finished",
    "protocols_ended": "protocols between services ended",
    "birthdays_unknown": "children whose birthday is not known (nothing happens by age)",
    "reviews_overdue": "legal routes whose review is late; see to them",
    "failed": "failed; a later run tries again",
}


_SOURCE = Annotated[str, typer.Argument(metavar="FROM", help="Id of the service that sends.")]
_TO = Annotated[str, typer.Argument(help="Id of the service that receives.")]
_DAY = ["%Y-%m-%d"]

protocol_app = typer.Typer(
    no_args_is_help=True,
    help="Keep the register of protocols: which service may send to which, and until when.",
)


def calendar(*, as_json: AsJson = False) -> None:
    """Do now what is due because time passed; the background process does the same by itself.

    Exit 0: done; 1: something failed and is tried again by a later run.
    """
    from gateway import clock
    from gateway.exchange.calendar.keep_calendar import keep_calendar

    with opened() as hub:
        counts = keep_calendar(hub, at=clock.now())
    if as_json:
        typer.echo(json.dumps(counts))
    else:
        done = [f"{count:6} {_WORDS[name]}" for name, count in counts.items() if count]
        typer.echo("\n".join(done) or "nothing was due")
    raise typer.Exit(1 if counts["failed"] else 0)


def merge(
    old: Annotated[str, typer.Argument(help="Id of the service that ends.")],
    into: Annotated[str, typer.Argument(help="Id of the service that goes on for it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Let a service go on in another one; grants follow into the same mission and regime only.

    It cannot be undone. Exit 0: done; 1: refused or not finished, with what to do.
    """
    from gateway import clock
    from gateway.exchange.services.organisations import merge_partner

    _reorganise(lambda hub: merge_partner(hub, old, into, at=clock.now()), as_json=as_json)


def split(
    source: Annotated[str, typer.Argument(help="Id of the service that splits.")],
    new: Annotated[list[str], typer.Argument(help="Ids of the new units, registered before.")],
    *,
    close_source: Annotated[
        bool, typer.Option("--close-source", help="Close the service as well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Record that units went on beside a service: no grant follows them, each asks the family.

    Grants stay where the service's care relation is, and end where it has none.
    Exit 0: done; 1: refused or not finished, with what to do.
    """
    from gateway import clock
    from gateway.exchange.services.organisations import split_partner

    def done(hub: "Hub") -> "Reorganised":
        return split_partner(hub, source, new, close_source=close_source, at=clock.now())

    _reorganise(done, as_json=as_json)


def close(
    partner: Annotated[str, typer.Argument(help="Id of the service.")], *, as_json: AsJson = False
) -> None:
    """Close a service: what was granted to it ends, its keys are destroyed, families are told.

    It cannot be undone. Exit 0: done; 1: refused or not finished, with what to do.
    """
    from gateway import clock
    from gateway.exchange.services.organisations import close_partner

    _reorganise(lambda hub: close_partner(hub, partner, at=clock.now()), as_json=as_json)


def receive(
    partner: Annotated[str | None, typer.Argument(help="Id of the service; none: all.")] = None,
    *,
    by: Annotated[str | None, typer.Option(help="kafka, feed or webhook.")] = None,
    webhook: Annotated[str | None, typer.Option(help="https:// address of a webhook.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say in which way a service receives its messages, or show it and how far it is.

    Saying it again lets a parked webhook be tried again. Exit 1: refused, with what to do.
    """
    from dataclasses import asdict

    from gateway import clock
    from gateway.exchange.partners.register_way import Way, set_way, ways

    with opened() as hub:
        if by is not None:
            wanted = Way(way=by, webhook=webhook)
            if not set_way(hub, partner or "", wanted, at=clock.now()):
                fail("no service has this id, or it merged or closed; see `deelregie partner list`")
        found = ways(hub)
    for one in found.values():
        if partner in {None, one.partner}:
            parked = f"parked at {one.parked_at:%Y-%m-%d %H:%M}" if one.parked_at else ""
            state = f"{parked or one.trouble or 'well'}"
            line = f"{one.partner:30} {one.way:8} {one.told_sequence}/{one.put_sequence} {state}"
            typer.echo(json.dumps(asdict(one), default=str) if as_json else line)


def pictures() -> None:
    """Let teams and the like stand again that only another child's picture left.

    Needed once for a database that complete pictures went into before migration 0011. A second run
    changes nothing. Exit 0: done.
    """
    from gateway import clock
    from gateway.exchange.records.pictures_again import pictures_again

    with opened() as hub:
        count = pictures_again(hub, at=clock.now())
    typer.echo(f"{count} children have statements that stand again")


def _reorganise(act: "Callable[[Hub], Reorganised]", *, as_json: bool) -> None:
    from dataclasses import asdict

    with opened() as hub:
        done = act(hub)
    if as_json:
        typer.echo(json.dumps(asdict(done)))
    else:
        into = f" into {done.into}" if done.into else ""
        follow = "; its grants follow" if done.grants_follow else ""
        typer.echo(f"{done.partner} is {done.status}{into}{follow}")
        typer.echo(f"{done.children} children changed, {done.consents_ended} consents ended")
    if not done.settled:
        fail(f"{done.failed} children failed; run `deelregie calendar` to try again")


@protocol_app.command("add")
def protocol_add(
    source: _SOURCE,
    to: _TO,
    *,
    reference: Annotated[str, typer.Option(help="Address or number of the published protocol.")],
    since: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="First day; left out: from always.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Last day; left out: until it is ended.")
    ] = None,
) -> None:
    """Register that one service may send to another, in this direction only.

    Exit 0: done; 1: refused or not finished, with what to do.
    """
    from gateway import clock
    from gateway.exchange.services.register_protocol import Agreed, add_protocol

    agreed = Agreed(source=source, to=to, reference=reference, since=_day(since), until=_day(until))
    with opened() as hub:
        done = add_protocol(hub, agreed, at=clock.now())
    typer.echo(f"registered {source} -> {to}: {reference}")
    _carried(done)


@protocol_app.command("end")
def protocol_end(
    source: _SOURCE,
    to: _TO,
    *,
    on: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Last day; left out: it ends at once.")
    ] = None,
) -> None:
    """End what lets one service send to another; what was not opened by then never opens.

    Who opened something keeps it, and is not told. Exit 0: done; 1: refused or not finished, with
    what to do.
    """
    from gateway import clock
    from gateway.exchange.services.register_protocol import end_protocol

    with opened() as hub:
        done = end_protocol(hub, source, to, on=_day(on), at=clock.now())
    typer.echo(f"{source} -> {to} ends {f'after {_day(on)}' if on else 'now'}")
    _carried(done)


@protocol_app.command("list")
def protocol_list(*, as_json: AsJson = False) -> None:
    """List the protocols, whether they are enforced, and the flows in use that have none."""
    from gateway import clock
    from gateway.exchange.services.register_protocol import read_register

    at = clock.now()
    with opened() as hub:
        found = read_register(hub, at=at)
    if as_json:
        typer.echo(json.dumps(_register_as_json(found), default=str))
        return
    today = clock.brussels_date(at)
    for one in found.protocols:
        days = f"{one.since or '...'} to {one.until or '...'}"
        flow = f"{one.from_service} -> {one.to_service}"
        typer.echo(f"{flow:50} {days:24} {_state(one, today):8} {one.reference}")
    since = found.in_force_since
    denied = (
        f"enforced since {since:%Y-%m-%d}: a flow without a protocol is denied" if since else ""
    )
    typer.echo(denied or "not enforced: every flow counts as covered")
    _tell_uncovered(found.uncovered)


@protocol_app.command("enforce")
def protocol_enforce(
    *,
    stop_uncovered: Annotated[
        bool, typer.Option("--stop-uncovered", help="Also when flows in use have no protocol.")
    ] = False,
) -> None:
    """Deny every flow between two services without a protocol, from now on and for good.

    Flows in use that have none are named first, and nothing changes. Exit 0: enforced; 1: not, or
    not finished, with what to do.
    """
    from gateway import clock
    from gateway.exchange.services.register_protocol import enforce_protocols

    with opened() as hub:
        done = enforce_protocols(hub, stop_uncovered=stop_uncovered, at=clock.now())
    _tell_uncovered(done.uncovered)
    if done.in_force_since is None:
        fail("nothing changed: register these flows, or let them stop with --stop-uncovered")
    typer.echo(f"enforced since {done.in_force_since:%Y-%m-%d %H:%M} UTC")
    _carried(done.carried)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _state(one: "Protocol", today: date) -> str:
    if one.ended_at is not None or (one.until is not None and one.until < today):
        return "ended"
    return "runs" if one.covers(today) else "planned"


def _tell_uncovered(flows: "Iterable[Flow]") -> None:
    for one in flows:
        typer.echo(f"without a protocol: {one.source} -> {one.to}")


def _register_as_json(found: "Register") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "in_force_since": found.in_force_since,
        "protocols": [asdict(one) for one in found.protocols],
        "uncovered": [{"from": one.source, "to": one.to} for one in found.uncovered],
    }


def _carried(done: "Carried") -> None:
    if done.stopped:
        typer.echo(f"keys of unopened messages destroyed: {done.stopped} (children, for each flow)")
    if done.queued:
        typer.echo(f"{done.queued} statements queued")
    if done.failed:
        fail(f"{done.failed} children failed; run `deelregie calendar` to try again")
