"""`deelregie relay`: the background process; `relay parked|retry`: what it had to set aside.

Only the options are here; what does the work is loaded when a command runs.
"""

import json
from typing import Annotated

import typer

from gateway.opening import fail, opened

app = typer.Typer(invoke_without_command=True)


@app.callback()
def relay(context: typer.Context) -> None:
    """Run the background work: receipts, intake topics, relay to Kafka, calendar, log tree."""
    if context.invoked_subcommand is not None:
        return
    from gateway.exchange.audit.guard_log import why_not_served
    from gateway.exchange.check_keys import why_not_opened
    from gateway.observability import configure_logging
    from gateway.streams.worker import run_until_told

    with opened() as hub:
        reason = why_not_served(hub) or why_not_opened(hub)
    if reason:
        fail(reason)
    configure_logging(hub.settings.log_level)
    run_until_told(hub.settings)


@app.command()
def parked(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False
) -> None:
    """List what could not become a message, and why; no child, no content (docs/streams.md)."""
    from dataclasses import asdict

    from gateway.exchange.deliveries.park_delivery import count_failing, list_parked

    with opened() as hub:
        found, failing = list_parked(hub), count_failing(hub)
    if failing:
        told = f"{failing} failed and are tried again; see sealing_halted in docs/streams.md"
        typer.echo(told, err=True)
    for one in found:
        since = f"{one.at:%Y-%m-%d %H:%M}"
        line = f"{one.id:>10}  {one.partner:30} {one.kind:9} {one.reason:16} {one.error}  {since}"
        typer.echo(json.dumps(asdict(one), default=str) if as_json else line)


@app.command()
def retry(
    rows: Annotated[
        list[int] | None, typer.Argument(help="Numbers from `deelregie relay parked`.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Whatever is parked.")] = False,
) -> None:
    """Let parked messages be decided again, as the family's decisions and the law are now.

    Exit 1: nothing is parked under one of these numbers; the others are tried.
    """
    from gateway import clock
    from gateway.exchange.deliveries.park_delivery import list_parked, retry_parked

    if bool(rows) == everything:
        raise typer.BadParameter("name numbers, or --all")
    with opened() as hub:
        wanted = rows or [one.id for one in list_parked(hub)]
        done = retry_parked(hub, wanted, at=clock.now())
    typer.echo(f"{len(done)} will be decided again")
    if missing := sorted(set(wanted) - set(done)):
        fail(f"not parked: {', '.join(map(str, missing))}; see `deelregie relay parked`")
