"""Sign-in of partner systems and persons; both end in a caller of callers.py."""
