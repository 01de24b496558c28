"""What waits, and for how long: readings that keep failing, effects that a limit holds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jspm_social.platforms.contract import Page
from jspm_social.platforms.errors import (
    AuthExpired,
    PlatformError,
    RateLimited,
    ReadingPaused,
    Rejected,
    Transient,
)
from jspm_social.platforms.health import READING_PAUSES, readable
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.presenters.channels import lag
from jspm_social.platforms.states import OperationState
from jspm_social.templatetags.ja import moment_text
from moderation.models import Action
from moderation.services import pull
from tests.moderation.making import decide_case, make_channel, open_case, store, told
from tests.moderation.small_policy import load_small_policy
from tests.people import People, client_of

NOW = datetime(2026, 11, 2, tzinfo=UTC)


class Reader:
    """A client that answers as it is told to."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def pull(self, _position: object) -> Iterator[Page]:
        if self.error:
            raise self.error
        yield from ()


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    made = Reader()
    monkeypatch.setattr(pull, "client_of", lambda _channel, _meter: made)
    return made


def read(channel: Channel) -> Channel:
    pull.pull(channel=Channel.objects.get(pk=channel.pk))
    return Channel.objects.get(pk=channel.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("error", [Transient("503"), Rejected("400"), ValueError("ours")])
def test_readings_that_keep_failing_wait_longer_each_time_and_not_for_ever(
    reader: Reader, error: Exception
) -> None:
    channel = make_channel()
    reader.error = error
    waited = []
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(len(READING_PAUSES) + 2):
            rests = read(channel)
            assert rests.read_after
            waited.append(int((rests.read_after - timezone.now()).total_seconds()))
            assert not readable(rests.read_after - timedelta(seconds=1)).exists()
            clock.move_to(rests.read_after)
            assert readable(timezone.now()).exists()
        assert waited == [20, 60, 180, 600, 1800, 1800, 1800]
        reader.error = None
        assert (read(channel).failed_readings, read(channel).trouble) == (0, "")
        reader.error = error
        assert read(channel).read_after == timezone.now() + timedelta(seconds=20)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error",
    [
        RateLimited("429", until=NOW + timedelta(hours=1)),
        ReadingPaused("budget", until=NOW + timedelta(hours=1)),
        AuthExpired("401"),
    ],
)
def test_what_names_its_own_time_or_needs_a_person_does_not_back_off(
    reader: Reader, error: PlatformError
) -> None:
    channel = make_channel()
    reader.error = error
    with time_machine.travel(NOW, tick=False):
        assert read(channel).failed_readings == 0


@pytest.mark.django_db
def test_the_page_says_that_readings_fail_and_how_late_they_are(
    people: People, reader: Reader
) -> None:
    channel = make_channel()
    Channel.objects.update(pulled_at=timezone.now() - timedelta(hours=2), failed_readings=4)
    reader.error = Transient("503")
    failed = read(channel)
    assert lag(failed, timezone.now()) > timedelta(hours=1)
    page = client_of(people.member).get(f"/channels/{channel.pk}/").content.decode()
    assert "取得の失敗が続いているため、間隔を空けています" in page
    assert "予定より1時間遅れ" in page


# --- effects


@pytest.fixture
def waiting(people: People) -> list[Action]:
    """Three effects that wait, on YouTube."""
    load_small_policy()
    channel = make_channel(Platform.YOUTUBE)
    for number in range(3):
        decide_case(open_case(store(channel, told(number))[0]), people.moderator)
    return list(Action.objects.order_by("pk"))


def page_of(people: People) -> str:
    return client_of(people.member).get("/attention/").content.decode()


def test_an_effect_that_waits_for_midnight_is_shown_with_its_time(
    people: People, waiting: list[Action]
) -> None:
    assert "利用枠が空くのを待っている" not in page_of(people)
    midnight = timezone.now() + timedelta(hours=9)
    Action.objects.filter(pk=waiting[0].pk).update(due_at=midnight)
    page = page_of(people)
    assert f"{moment_text(midnight)}以降に送ります" in page
    assert page.count("以降に送ります") == 1


def test_what_the_whole_account_waits_for_counts_for_each_of_its_effects(
    people: People, waiting: list[Action]
) -> None:
    until = timezone.now() + timedelta(hours=2)
    Channel.objects.update(calm_until=until)
    Action.objects.filter(pk=waiting[2].pk).update(state=OperationState.DONE)
    page = page_of(people)
    assert page.count(f"{moment_text(until)}以降に送ります") == 2


def test_the_page_costs_the_same_however_many_wait(people: People, waiting: list[Action]) -> None:
    client, counts = client_of(people.member), []
    for number in (1, 3):
        Action.objects.filter(pk__in=[a.pk for a in waiting[:number]]).update(
            due_at=timezone.now() + timedelta(hours=1)
        )
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/attention/").content.decode()
        assert page.count("以降に送ります") == number
        counts.append(len(queries))
    assert counts[0] == counts[1]
