"""`python -m tests.mutation [FILES]`: every mutant of the engine against its tests; exit 1 when too
many live, or one that docs/mutation.md does not list.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

RESULTS = Path(".cache/mutation/results.json")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--again", action="store_true", help="only what lived the last time")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    os.environ["DEELREGIE_THEOREMS"] = "0.1"
    settings.register_profile(
        "mutation", phases=[Phase.explicit, Phase.generate], derandomize=True, database=None
    )
    settings.load_profile("mutation")
    from tests.mutation.mutants import mutants_of
    from tests.mutation.in_place import InPlace
    from tests.mutation import afresh
    from tests.mutation.suites import OPTIONS, all_tests

    files = asked.files or sorted(Path("consent").glob("*.py"))
    mutants = [one for file in files for one in mutants_of(file)]
    old = (
        {tuple(one["key"]): one["verdict"] for one in json.loads(RESULTS.read_text())}
        if RESULTS.exists()
        else {}
    )
    if asked.again:
        mutants = [one for one in mutants if old.get(one.key, "survived") == "survived"]
    print(len(mutants), "mutants", flush=True)
    t = time.time()
    plugin = InPlace(mutants, asked.workers)
    out = Path(".cache/mutation/part.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    child = os.fork()
    if not child:
        pytest.main([*OPTIONS, *all_tests()], plugins=[plugin])
        numbers = {id(one): n for n, one in enumerate(mutants)}
        out.write_text(
            json.dumps(
                {
                    "judged": [(numbers[id(m)], str(v)) for m, v in plugin.judged],
                    "left": [numbers[id(m)] for m in plugin.left],
                }
            )
        )
        os._exit(0)
    os.waitpid(child, 0)
    got = json.loads(out.read_text())
    res = [(mutants[n], v) for n, v in got["judged"]]
    print(
        len(res), "in place", round(time.time() - t), "s;", len(got["left"]), "afresh", flush=True
    )
    for m, v in res:
        old[m.key] = v

    def save():
        RESULTS.write_text(json.dumps([{"key": k, "verdict": str(v)} for k, v in old.items()]))

    save()
    for n, (m, v) in enumerate(afresh.judge([mutants[n] for n in got["left"]], asked.workers)):
        res.append((m, str(v)))
        old[m.key] = str(v)
        if n % 50 == 0:
            save()
            os.write(2, f"{n} ".encode())
    save()
    print("all", round(time.time() - t), "s")
    for file in files:
        mine = [v for m, v in res if m.path == file.as_posix()]
        if mine:
            print(
                file,
                len(mine),
                "survived",
                mine.count("survived"),
                "timeout",
                mine.count("timeout"),
            )
    for m, v in res:
        if v == "survived":
            print("|", m.path, "|", m.place, "|", m.was, "|", m.becomes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
