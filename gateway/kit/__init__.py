"""For who writes an adapter: a source to start from, and a check of what every source promises."""
