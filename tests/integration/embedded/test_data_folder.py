import json
import os
import stat
import sys
from pathlib import Path

import pytest

from gateway.embedded import data_folder
from gateway.embedded.child import Child, Command
from gateway.embedded.data_folder import MARKER, DataFolder, default_data_folder
from gateway.embedded.failure import EngineError
from gateway.embedded.keys import FILE, keep_keys
from gateway.settings import load_settings
from tests.integration.embedded.processes import gone

OTHER_SETTINGS = {
    "DEELREGIE_DATABASE_URL": "postgresql+psycopg://u@/d",
    "DEELREGIE_ISSUER": "http://127.0.0.1:1",
    "DEELREGIE_OIDC_ISSUER": "http://127.0.0.1:2",
}


def test_a_data_folder_is_marked_private_and_used_by_one_at_a_time(folder: Path) -> None:
    with DataFolder(folder / "data") as mine:
        assert (mine.path / MARKER).read_text().startswith("Everything in this folder")
        assert stat.S_IMODE(mine.path.stat().st_mode) & 0o066 == 0
        assert stat.S_IMODE(mine.logs.stat().st_mode) == 0o700
        with pytest.raises(EngineError, match="another deelregie is running"):
            DataFolder(folder / "data").open()
    with DataFolder(folder / "data") as freed:
        assert freed.path == mine.path


def test_a_folder_with_files_of_somebody_else_is_left_alone(folder: Path) -> None:
    strange = folder / "home"
    strange.mkdir()
    (strange / "letter.txt").write_text("dear")
    with pytest.raises(EngineError, match="holds files that are not deelregie's"):
        DataFolder(strange).open()
    assert [entry.name for entry in strange.iterdir()] == ["letter.txt"]


def test_reset_deletes_everything_inside_and_nothing_that_a_link_points_to(folder: Path) -> None:
    outside = folder / "outside"
    outside.mkdir()
    (outside / "letter.txt").write_text("dear")
    with DataFolder(folder / "data") as mine:
        (mine.path / "postgres").mkdir()
        (mine.path / "postgres" / "PG_VERSION").write_text("18")
        (mine.path / "link").symlink_to(outside)
        mine.reset()
        assert {entry.name for entry in mine.path.iterdir()} == {MARKER, "lock", "logs"}
    assert (outside / "letter.txt").read_text() == "dear"


def test_reset_needs_an_opened_folder(folder: Path) -> None:
    with pytest.raises(EngineError, match="open the data folder"):
        DataFolder(folder).reset()


def test_ports_stay_the_same_over_starts(folder: Path) -> None:
    with DataFolder(folder / "data") as mine:
        ports = mine.port("hub"), mine.port("kafka")
    with DataFolder(folder / "data") as mine:
        assert (mine.port("hub"), mine.port("kafka")) == ports


def test_what_an_earlier_supervisor_left_running_is_ended(folder: Path) -> None:
    command = Command(
        name="left",
        argv=(sys.executable, "-c", "import time; time.sleep(600)"),
        folder=folder,
        log=folder / "left.log",
    )
    child = Child(command)
    with DataFolder(folder / "data") as mine:
        child.start()
        mine.remember({"left": child})
    pid = child.pid
    assert pid is not None
    with DataFolder(folder / "data"):
        assert gone([pid], seconds=1.0)
    child.stop()


def test_a_process_that_only_has_the_same_id_is_left_alone(folder: Path) -> None:
    with DataFolder(folder / "data") as mine:
        noted = {"name": "other", "pid": os.getpid(), "created": 1.0}
        (mine.path / "processes.json").write_text(json.dumps({"processes": [noted]}))
    with DataFolder(folder / "data"):
        assert os.getpid() > 0


def test_the_default_folder_follows_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_folder, "is_root", lambda: True)
    assert default_data_folder() == Path("/var/lib/deelregie")
    monkeypatch.setattr(data_folder, "is_root", lambda: False)
    monkeypatch.setenv("XDG_DATA_HOME", "/x")
    assert default_data_folder() == Path("/x/deelregie")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert default_data_folder() == Path.home() / ".local" / "share" / "deelregie"


def test_keys_are_made_once_private_and_complete(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = keep_keys(folder, data_exists=False)
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert keep_keys(folder, data_exists=True) == keys
    for name, value in {**OTHER_SETTINGS, **keys}.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert json.loads(settings.signing_key.get_secret_value())["use"] == "sig"
    assert json.loads(settings.intake_key.get_secret_value())["use"] == "enc"


def test_lost_keys_are_told_and_never_replaced(folder: Path) -> None:
    with pytest.raises(EngineError, match=r"keys.json is gone.*put it back.*--reset"):
        keep_keys(folder, data_exists=True)
    (folder / FILE).write_text("{broken")
    with pytest.raises(EngineError, match="cannot be read"):
        keep_keys(folder, data_exists=True)
