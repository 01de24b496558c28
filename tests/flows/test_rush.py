"""Hundreds of posts due in one minute on eight channels, and workers that are killed at random.

The sandbox's own record decides. JSPM_RUSH_POSTS=500 is the whole; fewer by default. Time goes by
only when it is moved to the next moment at which anything can go on: nothing here depends on how
fast a machine is.
"""

import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any

import django_rq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django.fixtures import Settings

from jspm_social.accounts.roles import Role
from jspm_social.jobs import SILENCE
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox.app import Outcome
from jspm_social.platforms.sandbox.limits import Limit
from jspm_social.platforms.sandbox.wire import Request
from jspm_social.platforms.states import SETTLED, OperationState
from posts import jobs
from posts.content import Content, Variant
from posts.models import Delivery, MediaFile, Post
from posts.services import drafting, library, scheduling
from posts.services.recheck import IN_TURN, LATE, LIMITED, TOO_LATE
from posts.states import PostState
from tests.flows.harness import House, chain_is_whole
from tests.flows.herd import Herd
from tests.posts import making
from tests.posts.test_library import RIGHTS, jpeg, mp4

COUNT = int(os.environ.get("JSPM_RUSH_POSTS", "40"))
SEED = int(os.environ.get("JSPM_RUSH_SEED", "1"))
TOO_OLD = 4  # posts whose time has long passed when the workers come
WORKERS = 3
EVERY = max(6, COUNT // 25)  # a death holds up its channel for a lease: many posts, rarer deaths
AHEAD = timedelta(hours=1)
KILLS_FOR = timedelta(
    minutes=8
)  # after the time of the posts: the lease must end before the cutoff
SITE = "https://console.example.jp"

# Where ten posts in a row go: fourteen deliveries.
MIX = (
    (Platform.X,),
    (Platform.FACEBOOK,),
    (Platform.BLUESKY, Platform.MASTODON),
    (Platform.THREADS,),
    (Platform.INSTAGRAM,),
    (Platform.FACEBOOK, Platform.LINE),
    (Platform.X, Platform.BLUESKY),
    (Platform.MASTODON,),
    (Platform.THREADS, Platform.FACEBOOK),
    (Platform.YOUTUBE,),
)
# The request with which a post begins to stand there.
PUBLISHES = {
    Platform.X: "POST /2/tweets",
    Platform.FACEBOOK: "POST */feed",
    Platform.BLUESKY: "POST *createRecord",
    Platform.MASTODON: "POST */statuses",
    Platform.THREADS: "POST */threads_publish",
    Platform.INSTAGRAM: "POST */media_publish",
    Platform.LINE: "POST *message/broadcast",
    Platform.YOUTUBE: "PUT /youtube/v3/videos",
}
# With few posts the documented limits would never be met.
NARROW = {
    "x": (Limit("POST /2/tweets", 5, 60),),
    "bluesky": (Limit("POST *createRecord", 4, 60),),
    "mastodon": (Limit("POST */statuses", 4, 60),),
}


@dataclass
class Asked:
    """A request that publishes, as the sandbox met it."""

    at: datetime
    platform: Platform
    refused: bool


@dataclass
class Rush:
    """The posts, the workers, the clock, and what the sandbox saw."""

    home: House
    herd: Herd
    due: datetime
    chance: random.Random
    asked: list[Asked] = field(default_factory=list)
    met: int = 0
    published: int = 0
    base: datetime = field(default_factory=timezone.now)
    deaths: Counter[str] = field(default_factory=Counter)
    limited: Counter[str] = field(default_factory=Counter)

    # --- what the sandbox meets

    def watch(self) -> None:
        """Look at every request, and let workers die before and after some of them."""
        app = self.home.sandbox._app
        answer: Callable[[str, Request], Outcome] = app.answer

        def watched(platform: str, request: Request) -> Outcome:
            self.met += 1
            self.home.clock.move_to(self.base + timedelta(milliseconds=self.met))
            publishes = fnmatchcase(
                f"{request.method} {request.path}", PUBLISHES[Platform(platform)]
            )
            death = self._death(publishes=publishes)
            if death == "before":
                self.herd.kill_all()
                return Outcome(None)
            outcome = answer(platform, request)
            status = outcome.reply.status if outcome.reply else 0
            self.limited[platform] += status == 429  # whatever was asked
            if publishes:
                refused = status >= 400 and status != 409  # LINE's: accepted before
                self.asked.append(Asked(timezone.now(), Platform(platform), refused))
            if death == "after":
                self.herd.kill_all()
            elif death == "somebody":
                self.herd.kill_one()
            return outcome

        app.answer = watched  # type: ignore[method-assign]

    def _death(self, *, publishes: bool) -> str:
        """One post in `EVERY` is hit, now before, now after it stands there; and some workers die
        at any request at all.
        """
        if timezone.now() > self.due + KILLS_FOR:
            return ""
        self.published += publishes
        told = ""
        if publishes and self.published % EVERY == 2:
            told = "before" if self.published % (2 * EVERY) == 2 else "after"
        elif self.chance.random() < 0.18 / EVERY:
            told = "somebody"
        if told:
            self.deaths[told] += 1
        return told

    # --- time and machinery

    def goes_on(self) -> None:
        """Let the workers work, and time pass whenever nothing else can happen."""
        while self._unsettled():
            if not self._round():
                self._move(self._next_moment())
        while not self._all_read_back():
            if not self._round():
                self._move(self._next_moment())

    def _round(self) -> bool:
        """Sweep and let the workers finish. False: nothing has changed."""
        self.home.clock.move_to(self.base)
        before = self._picture()
        jobs.sweep()
        queue = django_rq.get_queue("act")
        while len(queue) or self.herd.is_busy():
            self.herd.fill()
            time.sleep(0.25)
        return self._picture() != before

    def _picture(self) -> list[Any]:
        return list(
            Delivery.objects.order_by("pk").values_list(
                "state", "attempts", "due_at", "read_back_at"
            )
        )

    def _unsettled(self) -> bool:
        states = SETTLED | {OperationState.FAILED}
        return Delivery.objects.exclude(state__in=states).exists()

    def _all_read_back(self) -> bool:
        done = Delivery.objects.filter(state=OperationState.DONE)
        return not done.filter(read_back_at=None).exists()

    def _next_moment(self) -> datetime:
        """When a lease, a wait or a rate limit ends, or the name of a killed job is free again."""
        now = self.base
        rows = Delivery.objects.exclude(state=OperationState.FAILED)
        moments = [
            *rows.filter(state=OperationState.SENDING).values_list("leased_until", flat=True),
            *rows.filter(read_back_at=None).values_list("due_at", flat=True),
            *Channel.objects.values_list("calm_until", flat=True),
        ]
        return min([now + SILENCE, *(moment for moment in moments if moment and moment > now)])

    def _move(self, to: datetime) -> None:
        self.base = to + timedelta(seconds=1)
        self.home.clock.move_to(self.base)
        self.herd.set_clock(self.base)


@pytest.fixture
def rush(empty_house: House, settings: Settings, tmp_path: Path) -> Iterator[Rush]:
    settings.MEDIA_ROOT = tmp_path / "media"
    chance = random.Random(SEED)
    environment = {"SITE_URL": SITE, "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
    herd = Herd(tmp_path / "clock", WORKERS, chance, environment)
    sandbox = empty_house.sandbox
    sandbox.store.enforce_limits = True
    if COUNT < 200:
        sandbox.limiter.limits.update(NARROW)
    line = sandbox.store.world("line")
    line.allowance = COUNT * line.friends  # the plan carries them all
    for platform in Platform:
        empty_house.connect(platform)
    chair = empty_house.people.chair  # two members have to agree to what LINE sends
    chair.roles.append(Role.MEMBER)
    chair.save()
    due = (timezone.now() + AHEAD).replace(second=0, microsecond=0)
    try:
        yield Rush(empty_house, herd, due, chance)
    finally:
        herd.stop()


def test_a_rush_goes_out_once_each_in_order_and_within_the_limits(rush: Rush) -> None:
    home = rush.home
    old = [plan(rush, n, rush.due - 2 * LATE, (Platform.X,)) for n in range(TOO_OLD)]
    new = [
        plan(rush, n, rush.due + timedelta(seconds=n * 7 % 60), MIX[n % 10])
        for n in range(TOO_OLD, TOO_OLD + COUNT)
    ]
    begun = time.monotonic()
    rush._move(rush.due + timedelta(minutes=1))
    rush.watch()
    rush.goes_on()
    took = time.monotonic() - begun

    late = Delivery.objects.filter(post__in=old)  # never begun, whoever was killed over them
    assert set(late.values_list("state", "begun_at")) == {(OperationState.FAILED, None)}
    assert {row.trouble.removesuffix(LIMITED) for row in late} == {TOO_LATE}
    sent = Delivery.objects.filter(post__in=new).order_by(*IN_TURN)
    troubles = sent.exclude(state=OperationState.DONE)
    assert list(troubles.values_list("channel__platform", "state", "trouble", "progress")) == []
    for platform, channel in home.channels.items():
        stands = [_number(p.text) for p in home.sandbox.store.world(platform).posts.values()]
        wanted = [_number(row.payload["text"]) for row in sent if row.channel_id == channel.pk]
        assert stands == wanted, platform  # each once, none too many, in order
    assert set(Post.objects.filter(pk__in=[p.pk for p in new]).values_list("state", flat=True)) == {
        PostState.SENT
    }
    assert all(rush.due <= one.at <= rush.due + timedelta(minutes=1) + LATE for one in rush.asked)
    refused = [one for one in rush.asked if one.refused]
    _waited_as_told(rush)
    assert rush.herd.killed >= 2 * WORKERS
    assert {"before", "after"} <= set(rush.deaths)
    assert chain_is_whole()
    attempts = Counter(sent.values_list("attempts", flat=True))
    print(  # noqa: T201 - the figures of the whole, with pytest -s
        f"\n{len(new)} posts, {sent.count()} deliveries in {took:.0f} s; {rush.herd.killed} workers "
        f"killed ({dict(rush.deaths)}), refused by limits {dict(+rush.limited)}, {len(refused)} of "
        f"them publishing, attempts {dict(attempts)}, time moved to {rush.base - rush.due} after"
    )


def plan(rush: Rush, number: int, at: datetime, platforms: tuple[Platform, ...]) -> Post:
    """Write, approve and schedule one post."""
    people, channels = rush.home.people, [rush.home.channels[p] for p in platforms]
    film = Platform.YOUTUBE in platforms
    wants_media = film or Platform.INSTAGRAM in platforms
    content = Content(
        body=f"お知らせ第{number:04}号です。くわしくは学会の窓口にお問い合わせください。",
        media=(_media(rush, film=film).pk,) if wants_media else (),
        channels={c.pk: Variant(title="お知らせ" if film else "") for c in channels},
    )
    post = drafting.begin(
        actor=people.admin,
        title=f"お知らせ{number}",
        purpose=Post.Purpose.EVENTS,
        kind=Post.Kind.NOTICE,
        content=content,
    )
    submission = making.submit(people.admin, post)
    making.approve(people.member, submission)
    if Platform.LINE in platforms:
        making.approve(people.chair, submission)
    scheduling.schedule(actor=people.admin, post=post, times={c.pk: at for c in channels})
    return post


def _media(rush: Rush, *, film: bool) -> MediaFile:
    kind = MediaFile.Kind.VIDEO if film else MediaFile.Kind.IMAGE
    found = MediaFile.objects.filter(kind=kind).first()
    data = mp4() if film else jpeg(800, 800)
    return found or library.take_in(
        actor=rush.home.people.admin,
        upload=SimpleUploadedFile("x", data),
        rights=RIGHTS,
    )


def _number(text: str) -> str:
    found = re.search(r"第(\d{4})号", text)
    assert found, text
    return found[1]


def _waited_as_told(rush: Rush) -> None:
    """After a refusal nothing more is published there before the limit's window has ended."""
    for platform in {one.platform for one in rush.asked}:
        limits = rush.home.sandbox.limiter.limits.get(platform.value, ())
        mine = [one for one in rush.asked if one.platform == platform]
        for limit in limits:
            for one, following in pairwise(mine):
                if one.refused:
                    window = limit.seconds
                    ends = (int(one.at.timestamp()) // window + 1) * window
                    assert following.at.timestamp() >= ends, platform
