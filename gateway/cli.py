"""The command line: each command imports what it needs when it runs, so that help is instant."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gateway import operations
from gateway.auditor import (
    erasure_commands,
    identity_commands,
    log_commands,
    reidentification_commands,
)
from gateway.auditor.commands import recompute
from gateway.kit.commands import app as adapter_app
from gateway.kit.commands import translate
from gateway.opening import fail, opened, settings
from gateway.scenarios.commands import decide, scenarios
from gateway.streams.commands import cosign, intake
from gateway.streams.commands import receive as receive_messages
from gateway.streams.partner_topics import topics
from gateway.streams.relay_commands import app as relay_app

app = typer.Typer(
    no_args_is_help=True,
    help="deelregie: sharing a child's records under the family's control.",
    pretty_exceptions_enable=False,
)
partner_app = typer.Typer(no_args_is_help=True, help="Register and list services of partners.")
app.add_typer(partner_app, name="partner")
app.add_typer(identity_commands.app, name="identity")
app.add_typer(log_commands.app, name="log")
app.add_typer(erasure_commands.app, name="child")
app.add_typer(reidentification_commands.app, name="reidentify")
app.add_typer(adapter_app, name="adapter")
review_app = typer.Typer(no_args_is_help=True, help="See what was refused or vanished.")
app.add_typer(review_app, name="review")
route_app = typer.Typer(no_args_is_help=True, help="See what was shared by law, without content.")
app.add_typer(route_app, name="route")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
Receive = Annotated[
    str | None,
    typer.Option(help="How it receives: kafka, feed or webhook; when left out as before."),
]
Webhook = Annotated[
    str | None, typer.Option(help="https:// address to tell that the feed has something.")
]
DECIDED_BY = "operator"


@app.command()
def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running to try yourself.")] = False,
) -> None:
    """Run the whole idea on engines of this machine; exit 0 only if every step was as told."""
    from gateway.demo.story import run_demo

    raise typer.Exit(run_demo(keep=keep))


@app.command()
def up(
    *,
    data: Annotated[Path | None, typer.Option(help="The one folder for all data.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Delete the folder's data first.")] = False,
    kafka: Annotated[str, typer.Option(help="tansu or apache.")] = "tansu",
) -> None:
    """Start everything on this machine, for a laptop only; Ctrl-C stops it all."""
    from gateway.embedded.up import run_up

    raise typer.Exit(run_up(data, reset=reset, kafka=kafka))


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Say what is missing on this machine and how to mend it; exit 1 if the demo cannot run."""
    from gateway.embedded.doctor import run_doctor

    raise typer.Exit(run_doctor(as_json=as_json))


app.command()(translate)

# Decisions about written stories: nothing stored, nothing sent.
app.command()(scenarios)
app.command()(decide)

# Decisions of the past: is the log what the rules decided?
app.command()(recompute)
# Was the log changed since?
app.command()(log_commands.verify_log)


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    from gateway.store.migrate import upgrade

    upgrade(settings().database_url.get_secret_value())


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that serve.")] = 1,
) -> None:
    """Serve the API and the pages."""
    import uvicorn

    _refuse_what_cannot_be_served()
    # No access log: a path may hold a pseudonym; what matters is in the hub's own access log.
    uvicorn.run(
        "gateway.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        # Without uvicorn's own logging: its tracebacks carry the text of errors.
        log_config=None,
        server_header=False,
    )


# The background process, and what it had to set aside.
app.add_typer(relay_app, name="relay")


# What happens because time passes, or because organisations change.
app.command()(operations.calendar)
app.command()(erasure_commands.retention)
app.command()(erasure_commands.rewrap_keys)
partner_app.command("merge")(operations.merge)
partner_app.command("split")(operations.split)
partner_app.command("close")(operations.close)
partner_app.command("topics")(topics)
partner_app.command("receive")(operations.receive)
partner_app.add_typer(operations.protocol_app, name="protocol")


# What a partner's own people run; they need only the hub's address, a key and the cluster.
app.command()(intake)
app.command("receive")(receive_messages)
app.command()(cosign)


@partner_app.command("add")
def partner_add(
    partner: Annotated[str, typer.Argument(help="Id: lower-case letters, digits, hyphens.")],
    *,
    name: Annotated[str, typer.Option(help="Name that families will read.")],
    kind: Annotated[str, typer.Option(help="Kind of service, e.g. clb, caw, childcare.")],
    source: Annotated[str | None, typer.Option(help="Source it may deliver to.")] = None,
    jwks: Annotated[
        str, typer.Option(help="Public keys: a JWKS file, or its https:// address.")
    ] = "",
    receive: Receive = None,
    webhook: Webhook = None,
) -> None:
    """Register a service with its public keys; a second time replaces the first."""
    from gateway import clock
    from gateway.exchange.partners.register_partner import Registration, register_partner
    from gateway.exchange.partners.register_way import Way

    by_address = jwks.startswith("https://")
    try:
        keys = None if by_address or not jwks else json.loads(Path(jwks).read_text())
    except (OSError, json.JSONDecodeError) as error:
        fail(f"jwks: {error}")
    registration = Registration(
        id=partner,
        name=name,
        kind=kind,
        source=source,
        jwks=keys,
        jwks_uri=jwks if by_address else None,
        way=Way(way=receive, webhook=webhook) if receive else None,
    )
    with opened() as hub:
        register_partner(hub, registration, at=clock.now())
    typer.echo(f"registered {partner}")


@partner_app.command("list")
def partner_list(*, as_json: AsJson = False) -> None:
    """List the registered services."""
    from gateway.exchange.partners.register_partner import list_partners

    with opened() as hub:
        found = list_partners(hub)
    for one in found:
        row = {"id": one.id, "kind": one.kind, "status": one.status, "source": one.source}
        row["merged_into"] = one.merged_into
        line = f"{one.id:30} {one.kind:18} {one.status:10} {one.source or '-':10} {one.name}"
        typer.echo(json.dumps({**row, "name": one.name}) if as_json else line)


@partner_app.command("suspend")
def partner_suspend(partner: Annotated[str, typer.Argument(help="Id of the service.")]) -> None:
    """Let nothing go to or come from a service, from now on."""
    _set_status(partner, "suspended")


@partner_app.command("activate")
def partner_activate(partner: Annotated[str, typer.Argument(help="Id of the service.")]) -> None:
    """End a suspension; what was refused meanwhile stays refused."""
    _set_status(partner, "active")


def _set_status(partner: str, status: str) -> None:
    from gateway import clock
    from gateway.exchange.partners.register_partner import set_partner_status

    with opened() as hub:
        done = set_partner_status(hub, partner, status, at=clock.now())
    if not done:
        fail("no service has this id, or it merged or closed; see `deelregie partner list`")
    typer.echo(f"{partner} is {status}")


@partner_app.command("key")
def partner_key(
    folder: Annotated[Path, typer.Argument(help="Folder for private.jwk and public.jwks.")],
) -> None:
    """Make a key pair for a partner's system: keep the private part, register the public one."""
    from gateway.identity.jose import new_signing_jwk, public_part

    folder.mkdir(parents=True, exist_ok=True)
    private = new_signing_jwk()
    secret = folder / "private.jwk"
    secret.touch(mode=0o600)
    secret.write_text(json.dumps(private))
    (folder / "public.jwks").write_text(json.dumps({"keys": [public_part(private)]}))
    typer.echo(f"{secret} (keep it secret) and {folder / 'public.jwks'} (register it)")


review_app.command("pictures")(operations.pictures)


@review_app.command("list")
def review_list(*, as_json: AsJson = False) -> None:
    """List refused parts, questions, conflicts and statements that vanished, with their places."""
    from dataclasses import asdict

    from gateway.exchange.records.review_queue import reviews_to_do

    with opened() as hub:
        waiting = reviews_to_do(hub)
    for one in waiting:
        line = f"{one.id}  {one.kind}  receipt {one.receipt}  {one.part}  {one.evidence}"
        typer.echo(json.dumps(asdict(one), default=str) if as_json else line)


@review_app.command("close")
def review_close(
    item: Annotated[str, typer.Argument(help="Id from `deelregie review list`.")],
) -> None:
    """Record that you dealt with a finding; exit 1 if nothing waits under this id."""
    from gateway import clock
    from gateway.exchange.records.review_queue import close_review

    with opened() as hub:
        done = close_review(hub, item, by=DECIDED_BY, at=clock.now())
    if not done:
        fail("nothing waits under this id; see `deelregie review list`")
    typer.echo("closed")


@route_app.command("list")
def route_list(
    *,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only what a reviewer must still look at.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what services said on legal routes: who, to whom, on which ground; no child, no record.

    Reviewing is done on the pages of auditors (docs/legal-routes.md).
    """
    from dataclasses import asdict

    from gateway.exchange.legal_routes.review_route import every_route

    with opened() as hub:
        found = every_route(hub)
    for one in found:
        if waiting and not one.waiting:
            continue
        due = f"{one.review_due_at:%Y-%m-%d %H:%M}" if one.waiting and one.review_due_at else "-"
        line = f"{one.id}  {one.ground:16} {one.source} to {one.recipient}  review by {due}"
        row = {name: value for name, value in asdict(one).items() if name != "child"}
        row["waiting"] = one.waiting
        typer.echo(json.dumps(row, default=str) if as_json else line)


def _refuse_what_cannot_be_served() -> None:
    """Say why and end: a family stopped something after this backup, or the key is another's."""
    from gateway.exchange.audit.guard_log import why_not_served
    from gateway.exchange.check_keys import why_not_opened

    with opened() as hub:
        reason = why_not_served(hub) or why_not_opened(hub)
    if reason:
        fail(reason)


if __name__ == "__main__":
    app()
