"""The security labels on every resource: data class, data subjects and flags, as codings."""

from collections.abc import Iterable
from functools import lru_cache

from adapters.systems import DATA_CLASS, DATA_SUBJECT, FLAG

DATA_CLASSES = frozenset(
    {
        "identity",
        "logistics",
        "functional",
        "development",
        "diagnosis",
        "diagnostic_report",
        "medical",
        "context",
        "concern",
        "confidential",
        "parent_data",
        "placement",
        "third_party",
    }
)
FLAGS = frozenset(
    {
        "anonymous_help",
        "compulsory",
        "damaged_name",
        "free_text",
        "hypothesis",
        "national_number",
        "professional_secrecy",
        "unsplittable",
    }
)


def security(
    data_class: str, about: Iterable[str], flags: Iterable[str] = ()
) -> list[dict[str, str]]:
    """Codings for `meta.security`; one related person is not told from another in a label."""
    return labelled(data_class, frozenset(about), frozenset(flags))["security"]


@lru_cache(maxsize=4096)
def labelled(
    data_class: str, about: frozenset[str], flags: frozenset[str]
) -> dict[str, list[dict[str, str]]]:
    """The `meta` that all resources with these labels share: only read it."""
    if data_class not in DATA_CLASSES:
        raise ValueError("an adapter may only use a data class that the labels know")
    subjects = {"related-person" if who.startswith("related-") else who for who in about}
    codes = (
        (DATA_CLASS, data_class),
        *((DATA_SUBJECT, who) for who in sorted(subjects)),
        *((FLAG, flag) for flag in sorted(flags)),
    )
    return {"security": [{"system": system, "code": code} for system, code in codes]}
