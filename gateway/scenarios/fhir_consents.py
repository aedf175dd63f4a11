"""Consents of other systems, read from files and evaluated by their own provisions."""

from collections.abc import Iterable
from pathlib import Path

from consent.provision_model import Answer
from consent.provisions import evaluate
from gateway.errors import InvalidRequest
from gateway.fhir.consent_question import read_json, read_question


def answer_of(consents: Iterable[Path], request: Path) -> Answer:
    """Answer the question of a request file; `InvalidRequest` names the file or place to mend."""
    question = read_question(_read(request))
    return evaluate([read_json(_read(one), name=str(one)) for one in consents], question)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise InvalidRequest(f"cannot be read ({error.strerror})", where=str(file)) from error
    except UnicodeDecodeError as error:
        raise InvalidRequest("is not UTF-8; save it as UTF-8", where=str(file)) from error
