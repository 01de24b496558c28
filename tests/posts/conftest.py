"""What most tests of our own posts start from: the policy in force and one channel."""

import pytest

from jspm_social.platforms.models import Channel
from policy.services import load_version_1
from tests.posts.making import make_channel


@pytest.fixture
def policy(db: None) -> None:
    load_version_1()


@pytest.fixture
def channel(policy: None) -> Channel:
    """An account on X."""
    return make_channel()
