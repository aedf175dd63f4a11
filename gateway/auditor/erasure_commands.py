"""`deelregie child` and `deelregie retention`: what is to be erased, and why.

Only the options and the answers are here; what does the work is loaded when a command runs.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from gateway.opening import fail, opened

if TYPE_CHECKING:
    from gateway.exchange.erasure.retention import Plan

ASKED_BY = "operator"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
_WHY = {
    "no_such_child": "no child has this id",
    "no_such_ground": "no such ground; schemas/legal/retention.v1.json lists them",
    "no_reason": "say why with --reason",
}
_COUNTED = {
    "statements": "statements erased",
    "children": "children erased whole",
    "postponed": "children left for a later run: a person must first decide a match, or is busy",
    "failed": "children failed; a later run tries again",
}

app = typer.Typer(no_args_is_help=True, help="Ask that a child is erased; another person confirms.")


@app.command("erase")
def erase(
    child: Annotated[UUID, typer.Argument(help="Internal id of the child.")],
    *,
    ground: Annotated[str, typer.Option(help="Ground of the register, e.g. unlawful.")],
    reason: Annotated[str, typer.Option(help="Why, in words; it ends with the child's key.")],
    as_json: AsJson = False,
) -> None:
    """Ask that everything about a child is erased; the DPO confirms it at /audit/erasures.

    Nothing is erased by this command alone. Exit 0: asked; 1: refused, with what to do.
    """
    from gateway import clock
    from gateway.exchange.erasure.erase_child import Decider, ErasureRequest, NotErased, ask_erasure

    request = ErasureRequest(child=child, ground=ground, reason=reason)
    with opened() as hub:
        done = ask_erasure(hub, request, Decider(name=ASKED_BY), at=clock.now())
    if isinstance(done, NotErased):
        fail(_WHY[done.why])
    typer.echo(json.dumps({"erasure": str(done)}) if as_json else f"asked: {done}")


@app.command("erasures")
def erasures(*, as_json: AsJson = False) -> None:
    """List the erasures that wait for a second person: ground and who asked, no reason."""
    from gateway import clock
    from gateway.exchange.erasure.erase_child import waiting_erasures

    with opened() as hub:
        waiting = waiting_erasures(hub, at=clock.now())
    for one in waiting:
        row = {"erasure": str(one.id), "child": str(one.child), "ground": one.ground}
        row |= {"asked_by": one.asked_by, "asked_at": one.asked_at.isoformat()}
        typer.echo(json.dumps(row) if as_json else "  ".join(row.values()))


def retention(
    *,
    apply: Annotated[
        bool, typer.Option("--apply/--dry-run", help="Erase what is due, or only list it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what the retention periods ask to erase, by when and why; with --apply erase it.

    The list shows auditors' pseudonyms, classes and counts, never content. What is erased cannot
    be brought back. Exit 0: listed or erased; 1: something failed and a later run tries again.
    """
    from gateway import clock
    from gateway.exchange.erasure.retention import apply_retention, retention_plan

    with opened() as hub:
        if not apply:
            _show(retention_plan(hub, at=clock.now()), as_json=as_json)
            return
        counts = apply_retention(hub, at=clock.now())
    if as_json:
        typer.echo(json.dumps(counts))
    else:
        done = [f"{count:6} {_COUNTED[name]}" for name, count in counts.items() if count]
        typer.echo("\n".join(done) or "nothing was due")
    raise typer.Exit(1 if counts["failed"] else 0)


def rewrap_keys(
    old: Annotated[Path, typer.Argument(help="File with the old key-encryption key, base64.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Wrap every data key under the key-encryption key of the settings, in place of an old one.

    Stop the hub, set the new key, run this, start the hub, make a backup, destroy the old key:
    from then on no older backup can be read. May be repeated. Exit 0: done; 1: neither key opens.
    """
    from gateway.store.rewrapping import rewrap
    from gateway.store.vault import Unreadable, Vault

    with opened() as hub:
        pseudonyms = hub.settings.pseudonym_key.get_secret_value()
        try:
            before = Vault.from_base64(old.read_text().strip(), pseudonyms)
            count = rewrap(hub.engine, before, hub.vault)
        except (OSError, ValueError):
            fail("give a readable file with 32 bytes in base64")
        except Unreadable:
            fail("a data key opens under neither key; give the one it was wrapped with")
    typer.echo(json.dumps({"rewrapped": count}) if as_json else f"{count} keys wrapped anew")


def _show(plan: "Plan", *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        typer.echo(json.dumps(asdict(plan), default=str))
        return
    for one in plan.due:
        what = f"{one.count} of {one.source} {one.data_class}"
        since = one.due or "a birthday"
        typer.echo(f"{since!s:10}  {one.child}  {what}  {one.period}  erases {one.erases}")
    kept = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in plan.kept.items())
    typer.echo(f"{len(plan.due)} due on {plan.day}; kept: {kept}")
