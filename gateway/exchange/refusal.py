"""Why an act was not done: a code for programs and a sentence that names the remedy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was recorded; never with personal data."""

    code: str
    message: str
