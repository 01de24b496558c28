"""Servers that were not written for us. `make test-real` runs these; `make test` does not."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

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
