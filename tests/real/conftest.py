"""Servers that were not written for us. `make test-real` runs these; `make test` does not."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from pytest_django.fixtures import Settings

from tests.real import mastodon
from tests.real.atproto import Network, Society, running_network, society_of
from tests.real.pictures import grey_pixel


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    with running_network() as network:
        yield network


@pytest.fixture
def society(network: Network, settings: Settings) -> Society:
    """A new account of the society's, with nothing written yet."""
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1", "localhost")
    return society_of(network)


@pytest.fixture
def picture() -> bytes:
    return grey_pixel()


SERVERS: dict[str, Callable[[], AbstractContextManager[mastodon.Server]]] = {
    "snac": mastodon.running_snac,
    "mock": mastodon.running_mock,
}


@pytest.fixture(scope="session", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[mastodon.Server]:
    """Each server with the Mastodon API in turn."""
    with SERVERS[request.param]() as server:
        yield server


@pytest.fixture
def member(server: mastodon.Server, settings: Settings) -> mastodon.Society:
    """A new account of the society's on it, with nothing written yet."""
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1",)
    return mastodon.Society(server.join("society"))
