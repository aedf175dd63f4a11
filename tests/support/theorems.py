"""How many situations each theorem is tried on.

`DEELREGIE_THEOREMS` multiplies it: `make nightly` tries many more, `make mutation` far fewer.
"""

import os
from typing import Final

from hypothesis import settings

_TIMES: Final = float(os.environ.get("DEELREGIE_THEOREMS", "1"))


def tried_on(situations: int = 200) -> settings:
    """Try a theorem on so many situations, usually."""
    return settings(max_examples=max(1, round(situations * _TIMES)), deadline=None)
