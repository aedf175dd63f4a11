"""Streams: the relay to partners, intake from partners, and the small programs partners run."""
