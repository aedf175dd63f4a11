"""The HTTP API for partner systems and operators."""
