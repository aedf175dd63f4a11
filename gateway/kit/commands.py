"""`deelregie translate` and `deelregie adapter new|check`: the options and the exit codes."""

import gc
import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.kit.check import Finding

app = typer.Typer(
    no_args_is_help=True, help="Start a new source, or check what every source promises."
)

Name = Annotated[str, typer.Argument(help="Name of the source: small letters, digits and _.")]


class Written(StrEnum):
    """How the files of a new source are written."""

    JSON = "json"
    XML = "xml"
    CSV = "csv"


class Shown(StrEnum):
    """How the report of a translation is shown."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    NDJSON = "ndjson"


def translate(
    source: Annotated[str, typer.Argument(help="Which system it comes from, such as vaph.")],
    file: Annotated[Path, typer.Argument(help="The partner's own file.", exists=True)],
    *,
    shown: Annotated[
        Shown, typer.Option("--report", help="As text, JSON, a page, or a line for each piece.")
    ] = Shown.TEXT,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for a program: --report json.")
    ] = False,
    allow_test_numbers: Annotated[
        bool, typer.Option("--allow-test-numbers", help="Accept test INSZ numbers (month + 60).")
    ] = False,
) -> None:
    """Translate a file to FHIR without database or broker.

    JSON holds the FHIR as well; text and HTML tell what became of every field, without values.
    ndjson reads and writes a file in pieces, which a file of more than 20 MB needs.
    Exit 0: clean; 1: with rejections; 2: wrong usage.
    """
    from adapters.contract import ReadOptions, dump
    from adapters.registry import ADAPTERS
    from adapters.translate import report
    from gateway.kit.large_files import TOO_LARGE, WHOLE_BYTES, write_lines
    from gateway.kit.reporting import as_html, as_text

    if source not in ADAPTERS:
        raise typer.BadParameter(f"use one of: {', '.join(sorted(ADAPTERS))}", param_hint="SOURCE")
    # As in the background process: very many small objects, and no cycles to look for.
    gc.set_threshold(100_000, 50, 100)
    options = ReadOptions(allow_test_numbers=allow_test_numbers)
    if shown is Shown.NDJSON:
        raise typer.Exit(1 if write_lines(source, file, sys.stdout.buffer, options) else 0)
    if file.stat().st_size > WHOLE_BYTES:
        raise typer.BadParameter(TOO_LARGE, param_hint="--report")
    found = report(source, file.read_bytes(), options)
    if as_json or shown is Shown.JSON:
        sys.stdout.buffer.write(dump(found) + b"\n")
    else:
        typer.echo(as_html(found) if shown is Shown.HTML else as_text(found))
    raise typer.Exit(1 if found["rejections"] else 0)


@app.command()
def new(
    name: Name,
    *,
    kind: Annotated[Written, typer.Option(help="How its files are written.")] = Written.JSON,
) -> None:
    """Write a source to start from: folder, mapping file, sample and reviewed report.

    Run it in a checkout of the project. Exit 0: written; 1: it exists already; 2: wrong usage.
    """
    from gateway.kit.scaffold import NameRefused, scaffold

    try:
        written = scaffold(name, kind.value)
    except NameRefused as error:
        raise typer.BadParameter(str(error), param_hint="NAME") from error
    except FileExistsError as error:
        typer.echo(f"{error}; nothing was written", err=True)
        raise typer.Exit(1) from error
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo(f"next: deelregie adapter check {name} (docs/how-to/write-an-adapter.md)")


@app.command()
def check(
    name: Name,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
    update_golden: Annotated[
        bool, typer.Option("--update-golden", help="Write the reports to review.")
    ] = False,
) -> None:
    """Check a source against the promises of every adapter, on all its samples.

    Exit 0: all kept; 1: some broken, with the place; 2: wrong usage.
    """
    from adapters.registry import ADAPTERS
    from gateway.kit.check import check as findings_of

    if name not in ADAPTERS:
        raise typer.BadParameter(f"use one of: {', '.join(sorted(ADAPTERS))}", param_hint="NAME")
    findings = list(findings_of(name, update_golden=update_golden))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings]))
    else:
        _print(findings)
    raise typer.Exit(0 if all(one.kept for one in findings) else 1)


@app.command()
def write(
    name: Name,
    bundle: Annotated[Path, typer.Argument(help="A FHIR Bundle as JSON.", exists=True)],
) -> None:
    """Write what a service received as FHIR in its own layout, to the standard output.

    Exit 0: written; 1: the file is no Bundle; 2: this source has no layout to write.
    """
    from adapters.contract import load
    from adapters.registry import ADAPTERS

    able = {source: one for source, one in ADAPTERS.items() if any(x.write for x in one.layouts)}
    if name not in able:
        raise typer.BadParameter(f"use one of: {', '.join(sorted(able))}", param_hint="NAME")
    try:
        entries = load(bundle.read_bytes()).get("entry", [])
        resources = [entry["resource"] for entry in entries]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        typer.echo(f"{bundle.name}: this is no FHIR Bundle; send one as JSON", err=True)
        raise typer.Exit(1) from error
    (writer,) = [one.write for one in able[name].layouts if one.write]
    sys.stdout.buffer.write(writer(resources))


def _print(findings: "list[Finding]") -> None:
    for one in findings:
        typer.echo(f"{'kept  ' if one.kept else 'BROKEN'} {one.sample}: {one.promise}")
        for fault in one.faults[:20]:
            typer.echo(f"         {fault}")
        if len(one.faults) > 20:  # noqa: PLR2004 - one screen
            typer.echo(f"         and {len(one.faults) - 20} more")
    broken = sum(not one.kept for one in findings)
    typer.echo(f"{len(findings) - broken} kept, {broken} broken")
