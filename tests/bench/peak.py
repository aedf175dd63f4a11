"""What one process takes at most while it translates one file: `python -m tests.bench.peak`."""

import resource
import sys
from pathlib import Path

from adapters.contract import ReadOptions
from gateway.kit.large_files import write_lines

STATUS = Path("/proc/self/status")


def peak_megabytes() -> float:
    """Resident memory of this process at its highest.

    The system's own count includes the parent from before this program was loaded; Linux tells it
    without.
    """
    if STATUS.exists():
        (line,) = [one for one in STATUS.read_text().splitlines() if one.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(source: str, path: str) -> None:
    with Path("/dev/null").open("wb") as nowhere:
        write_lines(source, Path(path), nowhere, ReadOptions(allow_test_numbers=True))
    sys.stdout.write(f"{peak_megabytes()}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
