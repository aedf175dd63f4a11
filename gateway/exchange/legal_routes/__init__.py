"""Sharing without consent, where a law says so: recorded, decided, reviewed and ended."""
