"""A transaction begins and ends in one file; everything below it takes the connection."""

import ast
from collections.abc import Iterator

from tests.architecture.project import Module, module, modules

# Migrations run before the hub does, and alembic begins and ends a transaction for each.
ALLOWED = {"gateway/store/engine.py", "gateway/store/migrations/env.py"}
CALLS = {"begin", "begin_nested", "commit", "rollback"}
# In gateway/streams these commit the offsets of a Kafka consumer, which is no transaction.
OFFSETS = ("consumer", "watch")


def transaction_calls(code: Module) -> Iterator[str]:
    """Yield each call that begins or ends a transaction."""
    offsets = OFFSETS if code.path.startswith("gateway/streams/") else ()
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            receiver = ast.unparse(node.func.value)
            if node.func.attr in CALLS and not receiver.endswith(offsets):
                yield f"{code.path}:{node.lineno} calls {receiver}.{node.func.attr}()"


def test_transactions_begin_and_end_in_one_file() -> None:
    below = [code for code in modules() if code.path not in ALLOWED]
    found = [call for code in below for call in transaction_calls(code)]
    assert found == [], f"use gateway.store.engine.transaction(): {found}"


def test_a_commit_elsewhere_would_be_found() -> None:
    bad = module("def f(tx):\n    with tx.begin():\n        tx.connection.commit()\n")
    assert len(list(transaction_calls(bad))) == 2


def test_offsets_of_a_consumer_are_no_transaction() -> None:
    text = "def f(self):\n    self.consumer.commit()\n"
    assert not list(transaction_calls(module(text, "gateway/streams/intake.py")))
    assert list(transaction_calls(module(text, "gateway/exchange/disclose.py")))
