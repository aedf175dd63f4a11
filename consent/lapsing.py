"""A legal basis must be valid on the day of the decision (rules of sharing, section 6, 7).

What lets something go on a basis that lapsed does not exist, and what stands aside for it stands
again. Gates, bars and restrictions stay whatever becomes of their basis: of two regimes the more
protective one wins, so that a law that lapses never opens anything.
"""

from consent.model import Facts
from consent.vocabulary import BASIS_OF_GROUND


def ground_lapsed(kind: str, facts: Facts) -> bool:
    """Whether nothing can go by this kind of ground any more, nor stand aside for it."""
    return bool(facts.lapsed_bases) and BASIS_OF_GROUND.get(kind) in facts.lapsed_bases
