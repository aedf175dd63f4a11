"""`deelregie log …` and `deelregie verify-log`: the access log's tree, its export and its check.

Only the options are here; what does the work is loaded when a command runs.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gateway.opening import fail, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.exchange.hub import Hub

BY = "operator"
UNUSABLE = 2
Key = Annotated[str | None, typer.Option("--key", help="Public key of the log (NAME+ID+KEY).")]
Kept = Annotated[
    list[Path] | None,
    typer.Option("--checkpoint", help="A checkpoint that somebody kept earlier; may be repeated."),
]
Witnesses = Annotated[
    list[str] | None,
    typer.Option("--witness", help="Public key of a witness you trust; may be repeated."),
]
FormerKeys = Annotated[
    list[str] | None,
    typer.Option("--former-key", help="Public key the log had before; may be repeated."),
]
Form = Annotated[
    Literal["log", "fhir"],
    typer.Option("--format", help="`log`, to be checked, or `fhir`: AuditEvents as NDJSON."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]

app = typer.Typer(no_args_is_help=True, help="The access log: its key, its tree, its export.")


@app.command("key")
def key(
    name: Annotated[str, typer.Argument(help="Name of the log, e.g. hub.example/log.")],
    *,
    witness: Annotated[
        bool, typer.Option("--witness", help="A key to cosign with, for a witness.")
    ] = False,
) -> None:
    """Make a key pair: two lines, the private key (keep it secret) and the public one."""
    from gateway.transparency.note import KeyKind, MalformedError, SignerKey

    try:
        made = SignerKey.generate(name, KeyKind.WITNESS if witness else KeyKind.LOG)
    except MalformedError as error:
        fail(str(error))
    typer.echo(f"{made.secret()}\n{made.verifier}")


@app.command("public-key")
def public_key() -> None:
    """Print the public key of this hub's log, to be given to partners and auditors."""
    from gateway.exchange.audit.log_key import log_key

    with opened() as hub:
        typer.echo(str(log_key(hub).verifier))


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    *,
    links: Annotated[
        bool, typer.Option("--links", help="With what leads to persons, and what opens it.")
    ] = False,
    form: Form = "log",
) -> None:
    """Write the log up to its newest checkpoint, to be checked anywhere with `verify-log`.

    Without --links no row leads to a person. With --format fhir: one FHIR AuditEvent in each row,
    to be read by other programs; it leads to nobody, and `verify-log` does not read it.
    Exit 0: written; 1: not written, with the reason; 2: wrong usage.
    """
    if links and form == "fhir":
        raise typer.BadParameter("AuditEvents are exported without links", param_hint="--links")
    try:
        file.touch(mode=0o600, exist_ok=False)
        with opened() as hub, file.open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(_rows(hub, form, links=links))
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}")
    check = f"; check it with `deelregie verify-log {file} --key KEY`" if form == "log" else ""
    typer.echo(f"{file} holds the log{check}")


def _rows(hub: "Hub", form: str, *, links: bool) -> "Iterator[str]":
    from gateway import clock
    from gateway.exchange.audit.export_audit_events import export_audit_events
    from gateway.exchange.audit.export_log import export_log

    if form == "fhir":
        return export_audit_events(hub, by=BY, at=clock.now())
    return export_log(hub, links=links, by=BY, at=clock.now())


@app.command("accept-restore")
def accept_restore() -> None:
    """Let a database be served that is older than what was signed; read the document first.

    Exit 0: it may be served; 1: nothing was kept, so nothing stands in the way.
    """
    from gateway import clock
    from gateway.exchange.audit.guard_log import accept_older

    with opened() as hub:
        kept = accept_older(hub, by=BY, at=clock.now())
    if kept is None:
        fail("no checkpoint is kept outside the database (DEELREGIE_LOG_GUARD_FILE)")
    typer.echo(f"the database is accepted as it is; what was signed last is kept in {kept}")


@app.command("witness")
def witness(
    key: Annotated[str, typer.Argument(help="Public key of the witness (NAME+ID+KEY).")],
    *,
    partner: Annotated[
        str | None, typer.Option(help="Service that cosigns; without it an auditor does.")
    ] = None,
) -> None:
    """Let somebody cosign the checkpoints of the log; a new key of a name replaces the first."""
    from gateway import clock
    from gateway.exchange.audit.cosign_log import register_witness

    with opened() as hub:
        made = register_witness(hub, key, partner=partner, at=clock.now())
    typer.echo(f"{made.name} may cosign")


def verify_log(
    export: Annotated[
        Path | None, typer.Argument(help="An export; without one the hub's own database.")
    ] = None,
    *,
    key: Key = None,
    checkpoint: Kept = None,
    witness: Witnesses = None,
    former_key: FormerKeys = None,
    as_json: AsJson = False,
) -> None:
    """Check that no line of the log was changed, removed, inserted or moved since it was signed.

    An export needs nothing else than the log's public key: no hub, no network, no settings.

    Exit 0: nothing was changed; 1: something was, or the file is damaged; 2: wrong usage.
    """
    from gateway.transparency import verify_log as verifier

    words = [] if export is None else [str(export), "--key", key or ""]
    if export is not None and not key:
        raise typer.BadParameter("give the log's public key", param_hint="--key")
    words += [word for one in checkpoint or () for word in ("--checkpoint", str(one))]
    words += [word for one in witness or () for word in ("--witness", one)]
    words += [word for one in former_key or () for word in ("--former-key", one)]
    words += ["--json"] if as_json else []
    if export is not None:
        raise typer.Exit(verifier.main(words))
    raise typer.Exit(_verify_stored(key, words))


def _verify_stored(key: str | None, words: list[str]) -> int:
    from gateway.exchange.audit.export_log import log_rows
    from gateway.exchange.audit.log_key import log_key
    from gateway.transparency import verify_log as verifier

    with opened(UNUSABLE) as hub:
        own = str(log_key(hub).verifier)
        return verifier.main(["-", "--key", key or own, *words], rows=log_rows(hub))
