"""Questions about this machine: is a port free, does a program answer, does a worker run."""

import http.client
import socket
from pathlib import Path

HOST = "127.0.0.1"
TIMEOUT = 0.9  # seconds; the supervisor wants its answers within one


def answers(port: int, path: str) -> bool:
    """Whether a web server answers on this machine, whatever it thinks of the question."""
    connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def listens(port: int) -> bool:
    """Whether a program accepts connections on this machine."""
    try:
        socket.create_connection((HOST, port), timeout=TIMEOUT).close()
    except OSError:
        return False
    return True


def names_a_process(ready: Path) -> bool:
    """Whether a worker wrote this file and still runs (celery.py)."""
    try:
        pid = ready.read_text(encoding="utf-8")
    except OSError:
        return False
    return pid.isdigit() and Path("/proc", pid).exists()


def is_free(port: int) -> bool:
    """Whether a program could listen on this port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True
