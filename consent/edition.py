"""The edition of the rules that this code decides by; every decision in the access log names one.

Whoever changes any answer gives the rules a new edition here: a test pins the answers beside it.
"""

from types import MappingProxyType
from typing import Final

EDITION: Final = "2026-11.1"
"""The month in which these answers were first given, and a number within that month."""

FIRST_RELEASES: Final = MappingProxyType({"2026-11.1": "0.1.0"})
"""The first release that decides by each edition: which to use to decide again as of then."""
