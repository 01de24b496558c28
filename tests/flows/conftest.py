"""The houses that flows happen in, and the process that may die in them."""

from collections.abc import Iterator

import pytest

from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from tests.flows.harness import House, Mortal, house
from tests.people import People

PLATFORMS = [Platform.X, Platform.FACEBOOK, Platform.YOUTUBE]
COMMENTED = [platform for platform in Platform if platform != Platform.LINE]  # that has chats alone
HIDING = [platform for platform in COMMENTED if platform != Platform.MASTODON]  # that hides nothing


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def empty_house(
    transactional_db: None, redis_clean: None, sandbox: Sandbox, people: People
) -> Iterator[House]:
    """Nothing connected yet."""
    with house(sandbox, people) as made:
        yield made


@pytest.fixture(params=PLATFORMS, ids=str)
def home(request: pytest.FixtureRequest, empty_house: House) -> House:
    """One channel, on each platform in turn."""
    empty_house.connect(request.param)
    return empty_house


@pytest.fixture(params=COMMENTED, ids=str)
def any_home(request: pytest.FixtureRequest, empty_house: House) -> House:
    """One channel, on every platform that has comments."""
    empty_house.connect(request.param)
    return empty_house


@pytest.fixture(params=HIDING, ids=str)
def hiding_home(request: pytest.FixtureRequest, empty_house: House) -> House:
    """One channel, on every platform that hides comments."""
    empty_house.connect(request.param)
    return empty_house


@pytest.fixture
def facebook_home(empty_house: House) -> House:
    empty_house.connect(Platform.FACEBOOK)
    return empty_house


@pytest.fixture(scope="session")
def mortal(django_db_setup: None) -> Iterator[Mortal]:
    mortal = Mortal()
    yield mortal
    mortal.stop()
