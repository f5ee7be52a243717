"""A simulator with two people, and the business that it talks to."""

import pytest

from tests.whatsapp.simulator.business import Graph, receiving, settle, simulating_two_people
from tests.whatsapp.simulator.phone_server import anna, phones

__all__ = ["anna", "phones"]  # fixtures of the phone page


@pytest.fixture
def business():
    with receiving() as open_business:
        yield open_business


@pytest.fixture
def simulator(business):
    with simulating_two_people(business) as running:
        yield running


@pytest.fixture
def control(simulator):
    return simulator.control


@pytest.fixture
def graph(simulator):
    return Graph(simulator.url)


@pytest.fixture
def news(graph, simulator):
    """The approved template `news`, with one value, a footer and a button."""
    template_id = graph.create_template().json["id"]
    settle(simulator)
    return template_id
