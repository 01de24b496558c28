"""Who opens the pages, and a case for them."""

import pytest
from django.test import Client

from jspm_social.platforms.models import Channel
from moderation.models import Case
from tests.moderation.making import (
    store_and_judge,
    told,
)
from tests.moderation.small_policy import MILD
from tests.people import People, client_of


@pytest.fixture
def moderator(people: People) -> Client:
    return client_of(people.moderator)


@pytest.fixture
def second(people: People) -> Client:
    return client_of(people.moderator2)


@pytest.fixture
def member(people: People) -> Client:
    return client_of(people.member)


@pytest.fixture
def case(channel: Channel) -> Case:
    store_and_judge(channel, told(1, f"大会の{MILD}について"))
    return Case.objects.select_related("comment__channel").get()
