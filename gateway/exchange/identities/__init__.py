"""Which child is a record about: found by number, or proposed with what speaks for it."""
