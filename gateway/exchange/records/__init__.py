"""A partner's record: taken in, translated, kept as versions, changed and taken back."""
