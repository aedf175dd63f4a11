"""`deelregie scenarios` and `deelregie decide`: decisions about written stories.

Only the options are here; what reads and decides is loaded when a command runs.
"""

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

UNREADABLE = 2
"""Exit code of wrong usage, and of a file that is not a scenario."""


class Language(StrEnum):
    """The languages in which a decision explains itself."""

    NL = "nl"
    FR = "fr"
    EN = "en"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
Spoken = Annotated[Language, typer.Option("--language", help="Language of the explanations.")]
Story = Annotated[Path | None, typer.Argument(help="One scenario file; `expect` may be left out.")]
WhoCanSee = Annotated[
    bool, typer.Option("--who-can-see", help="Tell for every service what it sees, and why.")
]
IfGranted = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PERSON:CLASSES:SERVICES",
        help="Tell what every service would see after this grant, e.g. "
        "mother:diagnosis,functional:vaph-1 (CLASSES may be any; may be repeated).",
    ),
]
FhirConsents = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="In place of a scenario: evaluate this FHIR R4 Consent (may be repeated).",
    ),
]
FhirRequest = Annotated[
    Path | None, typer.Option("--request", metavar="FILE", help="The question about consents.")
]


def scenarios(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder with scenario files (*.yaml).")
    ],
    *,
    as_json: AsJson = False,
    language: Spoken = Language.NL,
) -> None:
    """Decide every scenario of a folder and show each whose decision is not as expected.

    For a scenario that differs: expected and got, per segment, and why. The format is explained
    in docs/scenarios.md.

    Exit 0: all as expected; 1: some differ; 2: wrong usage, no scenario, or one that cannot be
    read (the others are decided all the same).
    """
    from gateway.scenarios.as_json import folder_as_json
    from gateway.scenarios.as_text import folder_as_text
    from gateway.scenarios.deciding import answer
    from gateway.scenarios.load import read_folder

    read, errors = read_folder(folder)
    told = folder_as_json([answer(one) for one in read], errors, language)
    _print([_dumped(told)] if as_json else folder_as_text(told, errors))
    if errors:
        raise typer.Exit(UNREADABLE)
    raise typer.Exit(1 if told["summary"]["differ"] else 0)


def decide(
    file: Story = None,
    *,
    as_json: AsJson = False,
    language: Spoken = Language.NL,
    who_can_see: WhoCanSee = False,
    if_granted: IfGranted = None,
    fhir_consent: FhirConsents = None,
    request: FhirRequest = None,
) -> None:
    """Decide the situation of a scenario file: the rule, the reason and what would change it.

    `expect` may be left out of the file. Nothing is stored, sent or logged. The
    format is explained in docs/scenarios.md.

    With --fhir-consent and --request: what consents of another system say by their own
    provisions, as docs/fhir-consent.md explains.

    Exit 0: decided, whatever the outcome; 2: wrong usage, or a file cannot be read.
    """
    if file is not None and fhir_consent is None and request is None:
        return _decide_story(file, if_granted or (), who_can_see, as_json, language)
    if file is None and fhir_consent and request is not None and not (if_granted or who_can_see):
        return _evaluate_consents(fhir_consent, request, as_json, language)
    raise typer.BadParameter(
        "give one scenario file, or --fhir-consent FILE with --request FILE (and neither "
        "--who-can-see nor --if-granted)"
    )


def _evaluate_consents(
    consents: Iterable[Path], request: Path, as_json: bool, language: Language
) -> None:
    from gateway.errors import InvalidRequest
    from gateway.fhir.consent_question import as_json as told_to_a_program
    from gateway.fhir.consent_question import as_text
    from gateway.scenarios.fhir_consents import answer_of

    try:
        answer = answer_of(consents, request)
    except InvalidRequest as error:
        if as_json:
            _print([_dumped({"error": {"where": error.where, "message": str(error)}})])
        else:
            typer.echo(f"{error.where}: {error}", err=True)
        raise typer.Exit(UNREADABLE) from error
    if as_json:
        _print([_dumped(told_to_a_program(answer, language=language))])
    else:
        _print([as_text(answer, language=language)])


def _decide_story(
    file: Path, if_granted: Iterable[str], who_can_see: bool, as_json: bool, language: Language
) -> None:
    from gateway.scenarios.as_json import answer_as_json
    from gateway.scenarios.as_text import answer_as_text
    from gateway.scenarios.deciding import answer_in_full
    from gateway.scenarios.error import ScenarioError
    from gateway.scenarios.granting import given_in
    from gateway.scenarios.load import load_scenario

    try:
        scenario = load_scenario(file, must_expect=False)
    except ScenarioError as error:
        if as_json:
            _print([_dumped({"error": error.as_json()})])
        else:
            typer.echo(str(error), err=True)
        raise typer.Exit(UNREADABLE) from error
    try:
        given = [given_in(text, scenario.facts) for text in if_granted]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--if-granted") from error
    told = answer_as_json(answer_in_full(scenario, views=who_can_see, given=given), language)
    _print([_dumped(told)] if as_json else answer_as_text(told))


def _dumped(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
