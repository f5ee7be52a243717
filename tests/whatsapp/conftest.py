"""The real client and a real server on the loopback; nothing is patched."""

import pytest

from tests.whatsapp import server as web
from tests.whatsapp.examples import make_client


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def server():
    with web.Server() as running:
        yield running


@pytest.fixture
def client(server):
    with make_client(server.url) as made:
        yield made


@pytest.fixture
def nobody():
    """A client whose server is not there."""
    with make_client(f"http://127.0.0.1:{web.free_port()}") as made:
        yield made
