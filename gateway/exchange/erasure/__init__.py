"""What is erased, by whom and when, and what is left of kept originals."""
