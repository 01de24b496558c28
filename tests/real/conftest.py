"""Servers that were not written for us. `make test-real` runs these; `make test` does not."""

import struct
import zlib
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.real.atproto import Network, Society, running_network, society_of


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
    """A small PNG: one grey pixel."""
    rows = zlib.compress(b"\x00\x80")

    def chunk(name: bytes, content: bytes) -> bytes:
        checked = name + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
