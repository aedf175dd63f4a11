import socket

from gateway.embedded.ports import BEYOND, LOOPBACK, LOWEST, answers, free_port, is_free


def test_a_free_port_lies_below_the_range_of_clients() -> None:
    ports = {free_port() for _ in range(50)}
    assert all(LOWEST <= port < BEYOND for port in ports)
    assert len(ports) > 1


def test_a_port_in_use_is_not_free_and_answers() -> None:
    port = free_port()
    assert not answers(port)
    with socket.create_server((LOOPBACK, port)):
        assert not is_free(port)
        assert answers(port)
    assert is_free(port)
