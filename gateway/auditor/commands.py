"""`deelregie recompute`: whether the access log says what the rules decided.

Only the options are here; what reads and decides is loaded when a command runs.
"""

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

Lines = Annotated[
    list[int] | None, typer.Argument(metavar="LINE...", help="Numbers of lines of the access log.")
]
Since = Annotated[
    str | None,
    typer.Option(metavar="DAY", help="Every decision from this day in Flanders on, YYYY-MM-DD."),
]
OfChild = Annotated[
    UUID | None, typer.Option("--child", help="Every decision about this child (internal id).")
]
TodaysRules = Annotated[
    bool,
    typer.Option(
        "--todays-rules", help="Show for lines of other rules what today's rules would decide."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]


def recompute(
    lines: Lines = None,
    *,
    since: Since = None,
    child: OfChild = None,
    todays_rules: TodaysRules = False,
    as_json: AsJson = False,
) -> None:
    """Decide again, on the facts of then and as of then, what the access log says was decided.

    Nothing about anybody is shown: codes and numbers that stand in the log already. That you did
    this is a line of the log. Named lines are each shown; of the others those that need a look.

    Exit 0: all equal, as far as the rules decided and the child was not erased; 1: something
    differs, or the facts are missing; 2: wrong usage, no such line, or no hub to ask; 3: nothing
    differs, but some lines were decided by other rules than those of this program.
    """
    from gateway.auditor import recomputing  # noqa: PLC0415 -- help is instant
    from gateway.exchange.audit.recompute import Wanted  # noqa: PLC0415 -- idem

    asked = Wanted(lines=tuple(lines or ()), child=child, since=_day(since))
    if sum(map(bool, (asked.lines, asked.child, asked.since))) != 1:
        raise typer.BadParameter("give line numbers, or --since DAY, or --child ID")
    raise typer.Exit(recomputing.run(asked, todays_rules=todays_rules, as_json=as_json))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter("write a day as 2026-11-22", param_hint="--since") from error
