"""`python -m tests.mutation [FILE…]`: does a test notice every single change of the engine?

Ends with 1 when fewer than 95 in 100 mutants are killed, or when one lives that docs/mutation.md
does not list with a reason.
"""

import argparse
import os
import sys
from pathlib import Path

from tests.mutation.judging import judge
from tests.mutation.mutants import mutants_of
from tests.mutation.report import LIVES, PAGE, figures, known, verdict_on, written
from tests.mutation.results import forget, remembered

ENGINE = Path("consent")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="only these files of consent/")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--again", action="store_true", help="only what was not killed last time")
    parser.add_argument("--report", action="store_true", help="judge nothing; tell the last time")
    return parser.parse_args()


def main() -> int:
    """Judge the mutants, print the figures and what lives, and say whether that is enough."""
    asked = _arguments()
    # Compiled tests are kept: some mutants need all of them imported anew.
    sys.dont_write_bytecode = False
    if not asked.again and not asked.report:
        forget()
    files = asked.files or sorted(ENGINE.glob("*.py"))
    mutants = [one for file in files for one in mutants_of(file)]
    if not asked.report:
        before = remembered()
        judge([one for one in mutants if before.get(one.key, LIVES) == LIVES], asked.workers)
    keys = [one.key for one in mutants]
    # What nobody judged may live.
    found = dict.fromkeys(keys, LIVES) | remembered()
    sys.stdout.write(figures(keys, found))
    listed = known(PAGE.read_text("utf-8"))
    faults = verdict_on(keys, found, listed)
    sys.stdout.write(written(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
