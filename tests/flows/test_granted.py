"""A permission that is missing in the token: a person does by hand what the API would have done."""

import pytest

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.oauth.scopes import names
from moderation.models import Action, ManualTask
from moderation.services.second_look import reconsider
from tests.flows.harness import UNDONE_BY_NOW, House


@pytest.fixture
def home(empty_house: House) -> House:
    empty_house.connect(Platform.X)
    return empty_house


def grant(*without: str) -> None:
    Channel.objects.update(granted=[name for name in names(Platform.X) if name not in without])


def test_hiding_without_the_permission_becomes_a_task(home: House) -> None:
    grant("tweet.moderate.write")
    said = home.say()
    home.pull()
    home.decide(said)
    task = ManualTask.objects.get()
    assert (task.effect, task.link) == (Effect.HIDE, f"https://x.com/i/status/{said}")
    home.sweep(UNDONE_BY_NOW)
    assert not Action.objects.exists()
    assert home.calls() == {}


def test_showing_again_by_hand_leads_to_the_hidden_replies(home: House) -> None:
    grant()
    said = home.say()
    home.pull()
    home.decide(said)
    home.sweep(UNDONE_BY_NOW)
    grant("tweet.moderate.write")
    comment = home.case(said).comment
    reconsider(actor=home.people.moderator, comment=comment)
    home.decide(said, Outcome.RESTORE)
    post = comment.post.remote_id
    link = ManualTask.objects.get(effect=Effect.UNHIDE).link
    assert link == f"https://x.com/jspm_sandbox/status/{post}/hidden"


def test_with_the_permission_it_is_sent(home: House) -> None:
    grant()
    said = home.say()
    home.pull()
    home.decide(said)
    home.sweep(UNDONE_BY_NOW)
    assert home.calls() == {f"hide {said}": 1}
    assert not ManualTask.objects.exists()
