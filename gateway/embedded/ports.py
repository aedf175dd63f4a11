"""Free ports for local servers, below the range that clients use for their own end."""

import secrets
import socket

LOOPBACK = "127.0.0.1"
LOWEST = 20_000
# Linux gives clients ports from 32768 up: a client that retries there can connect to itself.
BEYOND = 32_768


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on now."""
    span = BEYOND - LOWEST
    start = secrets.randbelow(span)
    for step in range(span):
        port = LOWEST + (start + step) % span
        if is_free(port):
            return port
    raise OSError(f"no free port between {LOWEST} and {BEYOND}; stop a program that listens there")


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Tell whether something accepts connections on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0
