"""The use cases: one verb per file, one transaction each; only here is a decision asked for."""
