"""Plain classes share one answer, so no rule may name one of them by itself."""

import ast
from pathlib import Path

import pytest

from consent.vocabulary import KNOWN_CLASSES, PLAIN_CLASSES, PLAIN_CLASSES_TO_PERSONS

ENGINE = Path(__file__).parents[3] / "consent"
# H3 looks at practical data under an order, which is a ground; H5 at context, asked by a person.
# In the gates the word is a role.
LOOKED_AT = {"bars": {"logistics", "context"}, "gates": {"medical"}}


@pytest.mark.parametrize("tier", ["gates", "bars", "restrictions", "consenting", "granting"])
def test_no_rule_names_a_plain_class(tier: str) -> None:
    tree = ast.parse((ENGINE / f"{tier}.py").read_text(encoding="utf-8"))
    named = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert named & PLAIN_CLASSES == LOOKED_AT.get(tier, set())


def test_what_a_bar_or_a_restriction_names_is_not_plain() -> None:
    assert PLAIN_CLASSES - {"context"} == PLAIN_CLASSES_TO_PERSONS
    named = {"sexual_health", "parent_data", "third_party", "confidential", "judicial", "placement"}
    named |= {"identity", "national_number", "agogic_exception", "therapy_notes"}
    assert named == KNOWN_CLASSES - PLAIN_CLASSES
