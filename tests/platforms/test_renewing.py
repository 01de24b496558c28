"""Long-lived tokens: renewed in time, by one process at a time, or a person is asked in time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from pytest_django.fixtures import Settings

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms import notices, renewing
from jspm_social.platforms.adapters.meta import renewal
from jspm_social.platforms.connect import connect_channel
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import Rejected
from jspm_social.platforms.jobs import look_after_channels, renew
from jspm_social.platforms.models import Channel, Credential
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from jspm_social.platforms.sandbox.store import CLIENT_ID
from jspm_social.platforms.states import ChannelState
from tests.flows.harness import together

NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OWN_LOGIN = {"login": "instagram"}
LONG_LIVED = [
    (Platform.THREADS, {}),
    (Platform.INSTAGRAM, OWN_LOGIN),
    (Platform.INSTAGRAM, {}),
    (Platform.FACEBOOK, {}),
]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def sandbox(settings: Settings, clock: time_machine.Traveller) -> Iterator[Sandbox]:
    settings.CHANNEL_LOOPBACK_HOSTS = ("127.0.0.1",)
    with running_sandbox() as sandbox:
        yield sandbox


def connect(
    sandbox: Sandbox,
    platform: Platform = Platform.THREADS,
    options: Any = None,
    ends_in: timedelta | None = timedelta(days=60),
    *,
    app_known: bool = True,
) -> Channel:
    """Connect an account whose token lives so long, for the console and for the platform."""
    world = sandbox.store.world(platform.value)
    world.token_ends_at = datetime.now(UTC) + ends_in if ends_in else None
    known = app_known and platform is not Platform.THREADS
    app = {"client_id": CLIENT_ID} if known else {}
    channel = connect_channel(
        actor=None,
        platform=platform,
        name=platform.label,
        secrets=sandbox.store.credentials(platform.value) | app,
        base_url=sandbox.base_url(platform.value),
        options=options,
    )
    Credential.objects.filter(channel=channel).update(expires_at=world.token_ends_at)
    return channel


def credential() -> Credential:
    return Credential.objects.get()


def token() -> str:
    return Channel.objects.get().access().secrets["access_token"]


def asked(sandbox: Sandbox) -> list[str]:
    """What was asked about tokens, in order."""
    paths = [request.path for _, request in sandbox.requests]
    words = ("refresh_access_token", "oauth/access_token", "debug_token")
    return [word for path in paths for word in words if path.endswith(word)]


def pass_days(clock: time_machine.Traveller, days: int) -> None:
    """Let days go by, with the job running every six hours."""
    for _ in range(days * 4):
        clock.shift(timedelta(hours=6))
        for channel_id in renewing.due(datetime.now(UTC)).values_list("channel_id", flat=True):
            renew(channel_id)


# --- in time


@pytest.mark.django_db
@pytest.mark.parametrize(("platform", "options"), LONG_LIVED)
def test_every_token_is_renewed_in_time_for_half_a_year(
    sandbox: Sandbox, clock: time_machine.Traveller, platform: Platform, options: Any
) -> None:
    channel = connect(sandbox, platform, options)
    tokens = {token()}
    for _ in range(180):
        pass_days(clock, 1)
        tokens.add(token())
        world = sandbox.store.world(platform.value)
        assert not world.expired(datetime.now(UTC))
        left = credential().expires_at
        assert left is not None
        assert left - datetime.now(UTC) > timedelta(days=28)  # renewed as soon as it is time
    channel.refresh_from_db()
    assert channel.state == ChannelState.ACTIVE
    assert len(tokens) == 6  # a new one every 31 days or so
    renewals = AuditEvent.objects.filter(verb="channel.token_renewed")
    assert renewals.count() == len(tokens) - 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("issued", "ends", "time"),
    [
        (25 * HOUR, 31 * DAY, False),
        (25 * HOUR, 30 * DAY, True),
        (23 * HOUR, 30 * DAY, False),
        (24 * HOUR, HOUR, True),
        (24 * HOUR, None, True),
        (None, None, True),
    ],
)
def test_time_to_renew(issued: timedelta | None, ends: timedelta | None, *, time: bool) -> None:
    row = Credential(
        issued_at=NOW - issued if issued else None, expires_at=NOW + ends if ends else None
    )
    assert renewing.is_time(row, NOW) is time


@pytest.mark.django_db
def test_token_from_a_file_is_renewed_after_a_day_and_its_end_is_known_by_then(
    sandbox: Sandbox, clock: time_machine.Traveller
) -> None:
    connect(sandbox, ends_in=None)
    sandbox.store.world("threads").token_ends_at = NOW + timedelta(days=40)
    pass_days(clock, 1)
    assert credential().expires_at is None
    pass_days(clock, 1)
    assert credential().expires_at == datetime.now(UTC) + timedelta(days=60) - 18 * HOUR


@pytest.mark.django_db
def test_page_token_that_never_ends_is_only_asked_about(
    sandbox: Sandbox, clock: time_machine.Traveller
) -> None:
    connect(sandbox, Platform.FACEBOOK, ends_in=None)
    sandbox.store.world("facebook").data_ends_at = NOW + timedelta(days=90)
    pass_days(clock, 10)
    assert asked(sandbox) == ["debug_token"] * 11  # the first when it was connected
    row = credential()
    assert (row.expires_at, row.data_access_until) == (None, NOW + timedelta(days=90))


@pytest.mark.django_db
def test_without_the_apps_id_nothing_is_exchanged(
    sandbox: Sandbox, clock: time_machine.Traveller
) -> None:
    """The end is known and warned of; nobody but a person can do more."""
    channel = connect(sandbox, Platform.FACEBOOK, ends_in=timedelta(days=20), app_known=False)
    pass_days(clock, 3)
    assert set(asked(sandbox)) == {"debug_token"}
    channel.refresh_from_db()
    assert (channel.state, channel.trouble) == (ChannelState.ACTIVE, "")
    assert [due.kind for due in notices.due_notices(NOW + 7 * DAY)] == ["expires_14"]


@pytest.mark.django_db
def test_no_secret_stands_in_an_address(sandbox: Sandbox, clock: time_machine.Traveller) -> None:
    for platform, options in LONG_LIVED[1:]:
        connect(sandbox, platform, options, ends_in=timedelta(days=20))
        clock.shift(2 * DAY)
        for row in renewing.due(datetime.now(UTC)):
            assert renewing.look_after(channel=row.channel)
        Channel.objects.all().delete()
    for _, request in sandbox.requests:
        held = " ".join([request.path, *request.query.values()])
        assert "access-" not in held
        assert "secret" not in held


# --- what goes wrong


@pytest.mark.django_db
def test_failure_that_passes_is_tried_again_within_the_hour(
    sandbox: Sandbox, clock: time_machine.Traveller
) -> None:
    channel = connect(sandbox, ends_in=timedelta(days=29))
    clock.shift(2 * DAY)
    sandbox.faults.add("5xx", platform="threads")
    assert not renewing.look_after(channel=channel)
    assert not renewing.due(datetime.now(UTC)).exists()
    clock.shift(HOUR)
    assert renewing.look_after(channel=channel)
    assert token() == "sandbox-threads-access-1"


@pytest.mark.django_db
def test_refusal_is_tried_again_every_day(
    sandbox: Sandbox, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: ChannelAccess) -> Any:
        tries.append(datetime.now(UTC))
        raise Rejected("no")

    tries = list[datetime]()
    connect(sandbox, ends_in=timedelta(days=29))
    monkeypatch.setattr(renewal, "renew", refuse)
    pass_days(clock, 10)
    assert len(tries) == 9  # none on the first day: it is too young
    gaps = {b - a for a, b in pairwise(tries)}
    assert max(gaps) <= DAY


@pytest.mark.django_db
@pytest.mark.parametrize(("platform", "options"), LONG_LIVED[:2])
def test_dead_token_asks_for_a_person(
    sandbox: Sandbox, clock: time_machine.Traveller, platform: Platform, options: Any
) -> None:
    channel = connect(sandbox, platform, options, ends_in=timedelta(days=20))
    sandbox.store.expire_token(platform.value)
    clock.shift(2 * DAY)
    assert not renewing.look_after(channel=channel)
    channel.refresh_from_db()
    assert channel.state == ChannelState.RECONNECT
    assert channel.broken_at == datetime.now(UTC)
    assert not renewing.due(datetime.now(UTC) + 30 * DAY).exists()


@pytest.mark.django_db
def test_new_token_of_another_account_is_not_taken(
    sandbox: Sandbox, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = connect(sandbox, Platform.FACEBOOK, ends_in=timedelta(days=20))
    before = token()
    told = iter(["ours", "the other"])
    monkeypatch.setattr(renewal, "_who", lambda *_: next(told))
    clock.shift(2 * DAY)
    assert not renewing.look_after(channel=channel)
    assert token() == before


@pytest.mark.django_db
def test_token_that_meta_does_not_tell_of_stays_as_it_is(
    sandbox: Sandbox, clock: time_machine.Traveller
) -> None:
    """A Page's dead token looks like that, too: the next pull tells which it is."""
    channel = connect(sandbox, Platform.FACEBOOK, ends_in=timedelta(days=20))
    sandbox.store.expire_token("facebook")
    clock.shift(2 * DAY)
    assert not renewing.look_after(channel=channel)
    channel.refresh_from_db()
    assert channel.state == ChannelState.ACTIVE
    assert credential().expires_at == NOW + timedelta(days=20)


# --- one at a time


@pytest.mark.django_db(transaction=True)
def test_three_workers_renew_a_token_once(sandbox: Sandbox, clock: time_machine.Traveller) -> None:
    channel = connect(sandbox, ends_in=timedelta(days=20))
    clock.shift(2 * DAY)
    results = together(*[partial(renewing.look_after, channel=channel)] * 3)
    assert sorted(results) == [False, False, True]
    assert asked(sandbox).count("refresh_access_token") == 1
    assert token() == sandbox.store.world("threads").tokens.access


@pytest.mark.django_db
def test_answer_without_a_token_leaves_the_old_one(
    sandbox: Sandbox, clock: time_machine.Traveller
) -> None:
    channel = connect(sandbox, ends_in=timedelta(days=20))
    clock.shift(2 * DAY)
    sandbox.faults.add("malformed_json", platform="threads")
    assert not renewing.look_after(channel=channel)
    assert token() == "sandbox-threads-access-0"


@pytest.mark.django_db
def test_disconnected_meanwhile(sandbox: Sandbox, clock: time_machine.Traveller) -> None:
    channel = connect(sandbox, ends_in=timedelta(days=20))
    clock.shift(2 * DAY)
    Credential.objects.all().delete()
    assert not renewing.look_after(channel=channel)
    assert "refresh_access_token" not in asked(sandbox)


@pytest.mark.django_db
def test_job_wakes_a_worker_per_token(
    sandbox: Sandbox,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    channel = connect(sandbox, ends_in=timedelta(days=20))
    woken = list[tuple[Any, ...]]()
    monkeypatch.setattr("jspm_social.platforms.jobs.wake", lambda *a, **k: woken.append((a, k)))
    look_after_channels()
    name = "jspm_social.platforms.jobs.renew"
    assert woken == [((name, channel.pk), {"queue": "intake"})]
    assert notices.send_due() == 0
