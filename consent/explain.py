"""Say a decision in plain words; for the family, the source and the auditor.

Never for the recipient: the reason of a silent refusal would tell what must not show.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consent.changes import Change, Kind
from consent.model import CHILD, Decision
from consent.reasons import REASONS, Reason

LANGUAGES: Final = ("nl", "en", "fr")

# After "this would go if …" and "this would stop if …".
_CHANGES: Final = MappingProxyType(
    {
        Kind.GRANT: Reason(
            "{who} hiervoor toestemming geeft",
            "{who} agrees to this",
            "{who} donne son accord pour ceci",
        ),
        Kind.LIFT: Reason(
            "{who} de weigering of het bezwaar terugneemt",
            "{who} takes back the refusal or objection",
            "{who} retire son refus ou son objection",
        ),
        Kind.SETTLE: Reason(
            "het meningsverschil van {who} opgelost is",
            "the disagreement of {who} is settled",
            "le désaccord de {who} est réglé",
        ),
        Kind.CAPACITY: Reason(
            "het duidelijk is, met redenen in het dossier, of het kind zelf beslist",
            "it is clear, with reasons in the file, whether the child decides",
            "le dossier dit clairement, avec des raisons, si l'enfant décide",
        ),
        Kind.CARE_RELATION: Reason(
            "{who} dit kind helpt",
            "{who} helps this child",
            "{who} aide cet enfant",
        ),
        Kind.CARE_TEAM: Reason(
            "{who} in het team zit dat dit kind helpt",
            "{who} is in the team that helps this child",
            "{who} fait partie de l'équipe qui aide cet enfant",
        ),
        Kind.PROTOCOL: Reason(
            "er een geldige afspraak is om gegevens te geven aan {who}",
            "there is a valid agreement to give data to {who}",
            "il y a un accord valable pour donner des données à {who}",
        ),
        Kind.IDENTIFY: Reason(
            "{who} zich veilig aanmeldt",
            "{who} signs in securely",
            "{who} s'identifie de façon sûre",
        ),
        Kind.SPLIT: Reason(
            "de schrijver een uittreksel maakt",
            "the author makes an extract",
            "l'auteur fait un extrait",
        ),
        Kind.RELEASE: Reason(
            "de schrijver dit vrijgeeft",
            "the author releases this",
            "l'auteur libère ceci",
        ),
        Kind.WITHDRAW: Reason(
            "{who} de toestemming intrekt",
            "{who} takes the consent back",
            "{who} retire son accord",
        ),
        Kind.REFUSE: Reason(
            "{who} hier nee op zegt",
            "{who} says no to this",
            "{who} dit non à ceci",
        ),
    }
)
_THE_CHILD: Final = Reason("het kind", "the child", "l'enfant")


def reason(rule_id: str, language: str = "nl") -> str:
    """Give the plain reason of a rule; Dutch for a language the reasons do not speak."""
    return _in(REASONS[rule_id], language)


def explain(decision: Decision, language: str = "nl") -> Mapping[str, str]:
    """Give the plain reason for every segment of a decision, by segment id."""
    return {name: reason(part.rule, language) for name, part in decision.segments.items()}


def say_change(change: Change, language: str = "nl") -> str:
    """Give a change as the end of a sentence: "… if the mother agrees to this"."""
    who = _in(_THE_CHILD, language) if change.who == CHILD else change.who
    said = _in(_CHANGES[change.kind], language).replace("{who}", who or "")
    return said if change.consent is None else f"{said} ({change.consent})"


def _in(words: Reason, language: str) -> str:
    return {"en": words.en, "fr": words.fr}.get(language, words.nl)
