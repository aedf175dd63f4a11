"""What the answer of FHIR Consents means, in words a family can read (language level B1)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from consent.provision_model import Reason, Says


class Words(NamedTuple):
    """One sentence in Dutch, English and French."""

    nl: str
    en: str
    fr: str


SAYS: Final[Mapping[Says, Words]] = MappingProxyType(
    {
        Says.PERMIT: Words("laat het toe", "permits it", "le permet"),
        Says.DENY: Words("verbiedt het", "forbids it", "l'interdit"),
        Says.NOTHING: Words("zegt hier niets over", "says nothing about this", "n'en dit rien"),
        Says.ABSENT: Words("telt nu niet mee", "does not count now", "ne compte pas maintenant"),
    }
)
OUTCOMES: Final[Mapping[Says, Words]] = MappingProxyType(
    {
        Says.PERMIT: Words(
            "Delen mag: een toestemming laat het toe.",
            "This may be shared: a consent permits it.",
            "Le partage est permis : un consentement le permet.",
        ),
        Says.DENY: Words(
            "Delen mag niet: een toestemming verbiedt het, of we begrijpen ze niet.",
            "This may not be shared: a consent forbids it, or we do not understand it.",
            "Le partage est interdit : un consentement l'interdit, ou nous ne le comprenons pas.",
        ),
        Says.NOTHING: Words(
            "Delen mag niet: geen enkele toestemming laat het toe.",
            "This may not be shared: no consent permits it.",
            "Le partage est interdit : aucun consentement ne le permet.",
        ),
    }
)
REASONS: Final[Mapping[Reason, Words]] = MappingProxyType(
    {
        Reason.NOT_A_CONSENT: Words(
            "dit is geen FHIR Consent", "this is no FHIR Consent", "ce n'est pas un FHIR Consent"
        ),
        Reason.NOT_AN_OBJECT: Words(
            "hier hoort een object met inhoud",
            "an object with content belongs here",
            "un objet avec un contenu est attendu ici",
        ),
        Reason.NOT_A_LIST: Words(
            "hier hoort een lijst met minstens één waarde",
            "a list with at least one value belongs here",
            "une liste d'au moins une valeur est attendue ici",
        ),
        Reason.NOT_TEXT: Words(
            "hier hoort een tekst", "a text belongs here", "un texte est attendu ici"
        ),
        Reason.MISSING: Words(
            "dit is verplicht en ontbreekt",
            "this is mandatory and missing",
            "cet élément obligatoire manque",
        ),
        Reason.UNKNOWN_ELEMENT: Words(
            "FHIR R4 kent dit element hier niet",
            "FHIR R4 has no such element here",
            "FHIR R4 ne connaît pas cet élément ici",
        ),
        Reason.MODIFIER: Words(
            "dit verandert de betekenis op een manier die we niet kennen",
            "this changes the meaning in a way we do not know",
            "ceci change le sens d'une façon que nous ne connaissons pas",
        ),
        Reason.UNKNOWN_WORD: Words(
            "dit woord kennen we niet", "we do not know this word", "nous ne connaissons pas ce mot"
        ),
        Reason.UNREADABLE_DATE: Words(
            "dit is geen datum van FHIR (een uur heeft een tijdzone nodig)",
            "this is no date of FHIR (a time needs its zone)",
            "ce n'est pas une date FHIR (une heure demande un fuseau horaire)",
        ),
        Reason.EMPTY_PERIOD: Words(
            "deze periode heeft geen begin en geen einde, of eindt voor ze begint",
            "this period has no start and no end, or ends before it starts",
            "cette période n'a ni début ni fin, ou finit avant de commencer",
        ),
        Reason.TOO_DEEP: Words(
            "de bepalingen zitten te diep in elkaar",
            "the provisions are nested too deeply",
            "les dispositions sont imbriquées trop profondément",
        ),
        Reason.CONTRADICTION: Words(
            "de toestemming spreekt zichzelf tegen",
            "the consent contradicts itself",
            "le consentement se contredit",
        ),
        Reason.NO_BASE: Words(
            "er staat niet wat zonder uitzondering geldt; we lezen het als een verbod",
            "what holds without an exception is not stated; we read it as a refusal",
            "la règle de base n'est pas indiquée ; nous la lisons comme un refus",
        ),
        Reason.NO_CODE: Words(
            "er is geen code met een codestelsel",
            "there is no code with its code system",
            "il n'y a pas de code avec son système de codes",
        ),
        Reason.NOT_COMPARABLE: Words(
            "we kunnen dit niet vergelijken met wat gevraagd wordt",
            "we cannot compare this with what is asked",
            "nous ne pouvons pas comparer ceci avec ce qui est demandé",
        ),
        Reason.UNRESOLVED: Words(
            "we weten niet of dit over deze vraag gaat",
            "we do not know whether this is about what is asked",
            "nous ne savons pas si ceci concerne la demande",
        ),
        Reason.UNLABELLED: Words(
            "de gegevens dragen geen label",
            "the data carry no label",
            "les données sont sans label",
        ),
        Reason.UNDATED: Words(
            "we weten niet van wanneer de gegevens zijn",
            "we do not know when the data were made",
            "nous ne savons pas de quand datent les données",
        ),
        Reason.NO_ZONE: Words(
            "het tijdstip heeft geen tijdzone",
            "the instant has no time zone",
            "l'instant n'a pas de fuseau horaire",
        ),
        Reason.NO_PURPOSE: Words(
            "de vraag noemt geen doel", "the request names no purpose", "la demande est sans but"
        ),
        Reason.BROKEN: Words(
            "de vraag kan niet gelezen worden",
            "the request cannot be read",
            "la demande est illisible",
        ),
        Reason.NOT_ACTIVE: Words(
            "de toestemming is niet actief",
            "the consent is not active",
            "le consentement est inactif",
        ),
        Reason.OUT_OF_PERIOD: Words(
            "de toestemming geldt niet op dit moment",
            "the consent does not hold at this moment",
            "le consentement ne vaut pas en ce moment",
        ),
        Reason.OTHER_PATIENT: Words(
            "de toestemming gaat over iemand anders",
            "the consent is about somebody else",
            "le consentement concerne quelqu'un d'autre",
        ),
        Reason.OTHER_SCOPE: Words(
            "de toestemming gaat niet over het delen van gegevens",
            "the consent is not about sharing data",
            "le consentement ne concerne pas le partage de données",
        ),
    }
)


def say(words: Words, language: str) -> str:
    """Give the words in a language; Dutch for one they are not in."""
    return {"en": words.en, "fr": words.fr}.get(language, words.nl)
