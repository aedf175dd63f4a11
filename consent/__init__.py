"""The consent engine: facts in, decision out; standard library only, no clock, no I/O."""
