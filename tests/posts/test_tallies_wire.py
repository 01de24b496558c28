"""Numbers and posts by hand through the real adapters, over real HTTP, within the real budgets."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from jspm_social.platforms.budgets.ledger import Entry, add
from jspm_social.platforms.budgets.meters import YOUTUBE_UNITS
from jspm_social.platforms.budgets.windows import span
from jspm_social.platforms.connect import connect_channel
from jspm_social.platforms.models import BudgetUse, Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from jspm_social.platforms.states import OperationState
from posts.models import Delivery, NativePost, Tally
from posts.services import natives, tallies
from tests.people import People
from tests.posts.making import scheduled


@pytest.fixture
def sandbox(settings: Settings, policy: None) -> Iterator[Sandbox]:
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1",)
    with running_sandbox() as sandbox:
        yield sandbox


def connected(sandbox: Sandbox, platform: Platform) -> Channel:
    return connect_channel(
        actor=None,
        platform=platform,
        name=f"学会 {platform.label}",
        secrets=sandbox.store.credentials(platform),
        base_url=sandbox.base_url(platform),
    )


def standing(people: People, channel: Channel, remote_id: str) -> Delivery:
    """A delivery that is done, of the post with this id there."""
    elsewhere = Channel.objects.create(platform=Platform.X, name="文だけの投稿先", account_id="own")
    like = scheduled(people, elsewhere).deliveries.get()
    now = timezone.now()
    return Delivery.objects.create(
        post=like.post,
        submission=like.submission,
        channel=channel,
        state=OperationState.DONE,
        key=uuid.uuid4(),
        payload=like.payload,
        payload_hash=like.payload_hash,
        planned_at=now,
        due_at=now,
        published_at=now,
        remote_id=remote_id,
    )


@pytest.mark.parametrize("platform", [Platform.X, Platform.BLUESKY, Platform.MASTODON])
def test_numbers_from_the_platform_to_the_row(
    people: People, sandbox: Sandbox, platform: Platform
) -> None:
    channel = connected(sandbox, platform)
    remote_id = sandbox.store.post_natively(platform, "お知らせ")
    sandbox.store.count(platform, remote_id, likes=5, reposts=2)
    delivery = standing(people, channel, remote_id)
    assert tallies.read(channel=channel) == 1
    row = Tally.objects.get(delivery=delivery)
    assert (row.likes, row.reposts, row.comments) == (5, 2, 0)


def test_x_is_charged_once_a_day_for_a_post_however_often_it_is_read(
    people: People, sandbox: Sandbox
) -> None:
    channel = connected(sandbox, Platform.X)
    standing(people, channel, sandbox.store.post_natively("x", "お知らせ"))
    before = _dollars(channel)
    for _ in range(3):
        Delivery.objects.update(tally_at=None)
        tallies.read(channel=channel)
    assert _dollars(channel) - before == 5_000  # millionths: half a cent


def _dollars(channel: Channel) -> int:
    rows = BudgetUse.objects.filter(channel=channel, meter="x.dollars")
    return sum(rows.values_list("used", flat=True))


def test_reading_stops_before_the_effects_budget(people: People, sandbox: Sandbox) -> None:
    channel = connected(sandbox, Platform.YOUTUBE)
    standing(people, channel, sandbox.store.post_natively("youtube", "動画"))
    now = timezone.now()
    begins, ends = span(YOUTUBE_UNITS.window, now)
    entry = Entry(YOUTUBE_UNITS.name, begins, ends, used=9_000)
    add(channel.pk, [entry])
    before = len(sandbox.requests)
    assert tallies.read(channel=channel) == 0
    assert natives.look(channel=channel) == 0
    assert len(sandbox.requests) == before
    channel.refresh_from_db()
    assert channel.read_after == ends
    assert Delivery.objects.get(channel=channel).tally_at == ends


@pytest.mark.parametrize("platform", [p for p in Platform if p != Platform.LINE])
def test_a_post_by_hand_is_noticed_on_every_platform_that_lists(
    people: People, sandbox: Sandbox, platform: Platform
) -> None:
    channel = connected(sandbox, platform)
    Channel.objects.update(created_at=timezone.now() - timedelta(hours=2))
    channel.refresh_from_db()
    hour_ago = timezone.now() - timedelta(hours=1)
    ours = sandbox.store.post_natively(platform, "承認された投稿", at=hour_ago)
    by_hand = sandbox.store.post_natively(platform, "手で出した投稿")
    standing(people, channel, ours)
    before = len(sandbox.requests)
    assert natives.look(channel=channel) == 1
    native = NativePost.objects.select_related("remote").get()
    assert (native.remote.remote_id, native.remote.text) == (by_hand, "手で出した投稿")
    assert {request.method for _, request in sandbox.requests[before:]} == {"GET"}
