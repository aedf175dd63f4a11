import sqlite3
from pathlib import Path
from typing import Any

import pytest

from gateway.streams.recipient_state import Received


def test_what_was_dealt_with_is_known_in_the_next_life(tmp_path: Path) -> None:
    with Received(tmp_path / "state") as received:
        assert not received.knows("m-1")
        received.remember("m-1", "read")
        received.remember("m-1", "gone")
        assert received.knows("m-1")
    with Received(tmp_path / "state") as received:
        assert received.knows("m-1")
        assert not received.knows("m-2")


def test_what_was_dealt_with_is_in_the_file_before_it_is_kept(tmp_path: Path) -> None:
    # As when this program is killed between a message and the end of its batch.
    killed = Received(tmp_path)
    killed.remember("m-1", "read")
    with Received(tmp_path) as received:
        assert received.knows("m-1")
    killed.keep()


class Busy(sqlite3.Connection):
    """A file that another member changes to write-ahead at the same moment."""

    refusals = 2

    def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
        if "journal_mode" in sql and self.refusals:
            self.refusals -= 1
            raise sqlite3.OperationalError("database is locked")
        return super().execute(sql, *rest)


def test_a_file_that_another_member_opens_at_this_moment_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With four members at once SQLite refuses one in some hundreds, and does not wait by itself.
    monkeypatch.setattr(sqlite3, "connect", Busy)
    with Received(tmp_path) as received:
        received.remember("m-1", "read")
        assert received.knows("m-1")


def test_without_a_folder_nothing_is_kept() -> None:
    with Received(None) as received:
        received.remember("m-1", "read")
        assert received.knows("m-1")
    with Received(None) as received:
        assert not received.knows("m-1")


def test_the_file_holds_ids_and_states_only(tmp_path: Path) -> None:
    with Received(tmp_path) as received:
        received.remember("m-1", "read")
        columns = [row[1] for row in received._rows.execute("pragma table_info(received)")]
    assert columns == ["id", "state"]
