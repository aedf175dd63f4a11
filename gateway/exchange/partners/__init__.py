"""A partner's system: registered with its keys and its way of receiving, and signed in."""
