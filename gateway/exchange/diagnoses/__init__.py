"""One diagnosis for a child: derived, asked about, confirmed, and who said it."""
