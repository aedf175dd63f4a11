from pathlib import Path

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
