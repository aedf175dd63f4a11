"""What goes wrong with an engine of the laptop, told with its remedy."""


class EngineError(Exception):
    """An engine cannot start, stop or be found; the message names the place and the remedy."""
