"""`deelregie reidentify`: looking behind a pseudonym of the log, by two people.

Only the options and the answers are here; what does the work is loaded when a command runs. What
leads to a child is typed or piped in, and never an argument: those stand in lists of processes
and in the history of a shell.
"""

import json
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from gateway.opening import fail, opened

if TYPE_CHECKING:
    from gateway.exchange.audit.reidentify import Operator
    from gateway.exchange.hub import Hub

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
Question = Annotated[UUID, typer.Argument(help="Id from `deelregie reidentify list`.")]
Subject = Annotated[
    str, typer.Option("--as", help="You: your `sub` at the sign-in provider, as when you sign in.")
]
PAGE = "/audit/identities"
_WHY = {
    "not_found": "nothing is known under this id or pseudonym; or the child was erased",
    "not_yours": "somebody else asked this, and only that person may look, in the same way",
    "not_open": "it is not approved, or its day is over; see `deelregie reidentify list`",
    "no_reason": "give a pseudonym, a case and a reason, each on a line",
}

app = typer.Typer(
    no_args_is_help=True,
    help="See who a child of the log is: ask, let an auditor approve it, look within a day.",
)


@app.command("ask")
def ask(*, subject: Subject, as_json: AsJson = False) -> None:
    """Ask who a child of the log is: type its pseudonym, the case and the reason, each on a line.

    They are asked for, or read from standard input, and are no arguments. Nothing is shown by this
    command; another person, signed in as an auditor, approves it at /audit/identities in 7 days.

    Exit 0: asked; 1: refused, with what to do; 2: wrong usage.
    """
    from gateway import clock
    from gateway.exchange.audit.reidentify import Refused, ask_who

    child, case, reason = map(_typed, ("Pseudonym", "Case", "Reason"))
    with opened() as hub:
        done = ask_who(
            hub, _operator(hub, subject), child, case=case, reason=reason, at=clock.now()
        )
    if isinstance(done, Refused):
        fail(_WHY[done.why])
    _say(
        {"question": str(done)}, f"asked: {done}; an auditor approves it at {PAGE}", as_json=as_json
    )


@app.command("list")
def list_questions(*, as_json: AsJson = False) -> None:
    """List what waits for an approval or may be looked at: no pseudonym, no case, no reason.

    Exit 0, also when there is nothing.
    """
    from gateway import clock
    from gateway.exchange.audit.reidentify import who_is_asked

    with opened() as hub:
        found = who_is_asked(hub, at=clock.now())
    for one in found:
        until = one.open_until.isoformat() if one.open_until else None
        row: dict[str, Any] = {"question": str(one.id), "asked_by": one.asked_by}
        row |= {"asked_at": one.asked_at.isoformat(), "open_until": until}
        state = f"open until {until}" if until else "waits for an auditor"
        _say(row, f"{one.id}  {one.asked_by}  {one.asked_at.isoformat()}  {state}", as_json=as_json)


@app.command("show")
def show(question: Question, *, subject: Subject, as_json: AsJson = False) -> None:
    """Show who it is, for a day after an auditor approved it; each time is a line of the log.

    The family sees that line. Keep what is printed out of files and of other people's sight.

    Exit 0: shown; 1: not approved, over, or not yours, with what to do; 2: wrong usage.
    """
    from dataclasses import asdict

    from gateway import clock
    from gateway.exchange.audit.reidentify import Refused, who_is_it

    with opened() as hub:
        found = who_is_it(hub, _operator(hub, subject), question, at=clock.now())
    if isinstance(found, Refused):
        fail(_WHY[found.why])
    names, born = "; ".join(found.names) or "-", "; ".join(found.born) or "-"
    _say(asdict(found), f"{found.child}\nnames: {names}\nborn:  {born}", as_json=as_json)


def _operator(hub: "Hub", subject: str) -> "Operator":
    from gateway.exchange.audit.reidentify import Operator
    from gateway.identity.sign_in import person_id

    if not subject.strip():
        fail("name yourself with --as", 2)
    return Operator(person_id(hub.settings, subject.strip()))


def _typed(what: str) -> str:
    # On stderr, so that stdout is the answer alone.
    typer.echo(f"{what}: ", nl=False, err=True)
    return typer.get_text_stream("stdin").readline().strip()


def _say(answer: dict[str, Any], line: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else line)
