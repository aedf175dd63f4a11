"""Files too large to be read at once, in pieces that are read one by one."""
