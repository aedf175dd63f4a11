"""`deelregie identity`: which child a record is about, decided by a person.

Only the options and the answers are here; what does the work is loaded when a command runs.
"""

import json
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from gateway.opening import fail, opened

if TYPE_CHECKING:
    from gateway.exchange.links.link_identity import MatchToDecide

DECIDED_BY = "operator"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
Item = Annotated[str, typer.Argument(help="Id from `deelregie identity queue`.")]
_FEATURES = ("family_name", "given_name", "birth_date", "sex", "parent")
_WHY = {
    "not_linked": "no child holds this part; see the receipt",
    "no_such_child": "no other child has this id; give the id of a child, or new",
    "nothing_else": "this child is known by nothing else; name the child it belongs to with --to",
}

app = typer.Typer(no_args_is_help=True, help="Decide which child a record is about.")


@app.command()
def queue(*, as_json: AsJson = False) -> None:
    """List the records that wait for a person to say which child they are about.

    Each with its candidates, how far every feature agrees, a score from 0 to 100 and a class:
    strong, weak or ambiguous. No name, birth date or number is shown. Exit 0, also when empty.
    """
    from dataclasses import asdict

    from gateway.exchange.links.link_identity import matches_to_decide

    with opened() as hub:
        waiting = matches_to_decide(hub)
    for one in waiting:
        typer.echo(json.dumps(asdict(one), default=str) if as_json else "\n".join(_lines(one)))


@app.command()
def confirm(
    item: Item,
    child: Annotated[str, typer.Argument(help="A candidate's id, or new.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Link a waiting record to a child. Exit 0: linked; 1: nothing waits there for this child."""
    from gateway import clock
    from gateway.exchange.links.link_identity import confirm_match

    with opened() as hub:
        done = confirm_match(hub, item, child, by=DECIDED_BY, at=clock.now())
    if not done:
        fail("nothing waits under this id for this child; see `deelregie identity queue`")
    _say({"item": item, "outcome": "linked"}, "linked", as_json=as_json)


@app.command()
def reject(item: Item, *, as_json: AsJson = False) -> None:
    """Leave a waiting record unlinked; its original stays kept, and a repeat is not proposed again.

    Exit 0: left; 1: nothing waits under this id.
    """
    from gateway import clock
    from gateway.exchange.links.link_identity import reject_match

    with opened() as hub:
        done = reject_match(hub, item, by=DECIDED_BY, at=clock.now())
    if not done:
        fail("nothing waits under this id; see `deelregie identity queue`")
    _say({"item": item, "outcome": "left_unlinked"}, "left unlinked", as_json=as_json)


@app.command()
def split(
    receipt: Annotated[UUID, typer.Argument(help="Id of the receipt of the wrong link.")],
    part: Annotated[str, typer.Argument(help="Its part, as the receipt names it.")],
    *,
    to: Annotated[str, typer.Option(help="Id of the child it is about, or new.")] = "new",
    as_json: AsJson = False,
) -> None:
    """Undo a wrong link: what the part brought goes to another child, and readers are told.

    What the same source said in the same story goes along. Decisions of the family stay with the
    child they were about. Exit 0: done; 1: refused, with what to do; 2: wrong usage.
    """
    from dataclasses import asdict

    from gateway import clock
    from gateway.exchange.links.split_identity import NotSplit, Wrong, split_identity

    wrong = Wrong(receipt=receipt, part=part, to=to)
    with opened() as hub:
        done = split_identity(hub, wrong, by=DECIDED_BY, at=clock.now())
    if isinstance(done, NotSplit):
        fail(_WHY[done.why])
    line = (
        f"{done.parts} parts and {done.resources} statements are of child {done.child} now; "
        f"{done.keys_destroyed} keys destroyed, {done.services_told} services told"
    )
    _say(asdict(done), line, as_json=as_json)


def _lines(one: "MatchToDecide") -> list[str]:
    head = f"{one.id}  {one.source} part {one.part} of receipt {one.receipt}  {one.reason}"
    if not one.proposals:
        return [f"{head}  candidates: none (use new)"]
    return [head, *(f"    {_candidate(each)}" for each in one.proposals)]


def _candidate(one: Any) -> str:
    features = ", ".join(
        f"{name.replace('_', ' ')} {one['features'][name]}"
        for name in _FEATURES
        if one["features"][name] != "missing"
    )
    notes = f"  ({', '.join(one['notes'])})" if one["notes"] else ""
    return f"{one['child']}  {one['score']:3} {one['class']:9}  {features}{notes}"


def _say(answer: dict[str, Any], line: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(answer, default=str) if as_json else line)
