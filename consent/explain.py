"""Say a decision in plain words; for the family, the source and the auditor.

Never for the recipient: the reason of a silent refusal would tell what must not show.
"""

from collections.abc import Mapping
from typing import Final

from consent.model import Decision
from consent.reasons import REASONS

LANGUAGES: Final = ("nl", "en", "fr")


def reason(rule_id: str, language: str = "nl") -> str:
    """Give the plain reason of a rule; Dutch for a language the reasons do not speak."""
    words = REASONS[rule_id]
    return {"en": words.en, "fr": words.fr}.get(language, words.nl)


def explain(decision: Decision, language: str = "nl") -> Mapping[str, str]:
    """Give the plain reason for every segment of a decision, by segment id."""
    return {name: reason(part.rule, language) for name, part in decision.segments.items()}
