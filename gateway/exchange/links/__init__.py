"""A person links a record to a child, and undoes a wrong link with full effect."""
