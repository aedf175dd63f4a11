"""The access log: searched, exported, proved, and what it says decided again."""
