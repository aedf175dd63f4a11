"""Families of their own for each test: the samples with other (test) national numbers."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

SAMPLES = files("schemas") / "sources"
NOOR, MOTHER, FATHER, DOSSIER = "19631421243", "90710208412", "88672331155", "9900123"
# The numbers that would give a child Noor's own national number (19631421243), or her dossier.
_OF_NOOR = frozenset({212, 123})
_COUNTER = itertools.count(os.getpid() % 450 * 2 + 1)


@dataclass(frozen=True, kw_only=True)
class Family:
    """One child and two parents, known to the partners by these test numbers."""

    child: str
    mother: str
    father: str
    dossier: str

    def record(self, source: str, name: str) -> bytes:
        """Return a sample about Noor as if it were about this child."""
        raw = (SAMPLES / source / name).read_bytes()
        own = {NOOR: self.child, MOTHER: self.mother, FATHER: self.father, DOSSIER: self.dossier}
        for noor, other in own.items():
            raw = raw.replace(noor.encode(), other.encode())
        return raw

    @property
    def vaph_2023(self) -> bytes:
        return self.record("vaph", "vaph_01_dossier_noor_2023.xml")

    @property
    def vaph_2024(self) -> bytes:
        return self.record("vaph", "vaph_02_dossier_noor_2024_herziening.xml")

    @property
    def clb_2024(self) -> bytes:
        return self.record("clb", "clb_01_noor_hgd_traject.xml")


def _numbers() -> Iterator[int]:
    while True:
        yield next(_COUNTER) % 900 + 1


def a_family() -> Family:
    """Return a family nobody used before in this run."""
    number = next(one for one in _numbers() if one not in _OF_NOOR)
    day = number % 27 + 1
    return Family(
        # Noor's own birthday: a number of another day than the record names is taken for nobody's.
        child=mock_number("19", "14", number),
        mother=mock_number("90", f"{day:02}", number),
        father=mock_number("88", f"{day:02}", number),
        dossier=f"99{number:05}",
    )


def mock_number(year: str, day: str, counter: int) -> str:
    """Return a test INSZ (birth month + 60, March) with its mod-97 check digits."""
    stem = f"{year}63{day}{counter:03}"
    # Born from 2000 on, the check is over the stem with a 2 before it (partner-systems 4).
    whole = int(f"2{stem}" if int(year) < 50 else stem)
    return f"{stem}{97 - whole % 97:02}"
