"""What most tests of moderation start from."""

import pytest

from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from policy.models import RuleSet
from tests.moderation.making import make_channel
from tests.moderation.small_policy import load_small_policy


@pytest.fixture
def policy(db: None) -> RuleSet:
    """The policy of a few words, in force."""
    return load_small_policy()


@pytest.fixture
def channel(db: None) -> Channel:
    """An account on X."""
    return make_channel()


@pytest.fixture
def facebook(db: None) -> Channel:
    """An account on Facebook, where deleting is possible and final."""
    return make_channel(Platform.FACEBOOK)
