"""Services that merge, split or close, and what becomes of their records."""
