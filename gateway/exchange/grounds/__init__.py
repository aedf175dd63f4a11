"""The legal ground of a message or a record: what was written down, and how it is weighed."""
