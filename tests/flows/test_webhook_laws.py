"""Whatever comes by webhook and by pull, in whatever order and however often: one end.

Random sequences of what people do on the platform, deliveries of anything that was ever told, and
pulls over real HTTP. What a webhook says may be late, repeated or reordered; the platform's own
list is what is true.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, event, given, settings, strategies as st

from jspm_social.platforms.connect import connect_channel
from jspm_social.platforms.models import Channel, Credential, WebhookDelivery
from jspm_social.platforms.names import Platform
from jspm_social.platforms.sandbox import hook_bodies, webhooks as wire
from jspm_social.platforms.sandbox.model import GONE
from jspm_social.platforms.sandbox.server import Sandbox, running_sandbox
from jspm_social.platforms.sandbox.store import HOOK_SECRETS
from jspm_social.platforms.vault import seal
from jspm_social.platforms.webhooks import address_of
from moderation.models import Comment, CommentRevision
from moderation.services import deliveries
from moderation.services.pull import pull
from moderation.services.triage import judge_pending
from moderation.states import CommentStanding
from policy.services import load_version_1
from tests.flows.harness import START

FEW = settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def steps_of(*names: str) -> st.SearchStrategy[list[tuple[str, int]]]:
    return st.lists(
        st.tuples(st.sampled_from(names), st.integers(0, 1000)), min_size=6, max_size=30
    )


@pytest.fixture(scope="module")
def policy(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        load_version_1()
        yield
        transaction.set_rollback(True)


@contextmanager
def rolled_back(django_db_blocker: Any) -> Iterator[None]:
    """The queue is nobody's here: each step does the worker's job itself."""
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        mock.patch.object(deliveries, "wake"),
    ):
        yield
        transaction.set_rollback(True)


def knock(channel: Channel, body: dict[str, Any], secret: str) -> None:
    """Send a body as the platform would, and let a worker do what it finds."""
    address = address_of(channel)
    assert address is not None
    raw = json.dumps(body).encode()
    name, value = wire.signature(channel.platform, raw, secret)
    path = urlsplit(address.url).path
    answer = Client().post(path, raw, content_type="application/json", headers={name: value})
    assert answer.status_code == 200


def work(choice: int) -> None:
    """Take in whatever waits, from either end."""
    waiting = list(WebhookDelivery.objects.filter(state="waiting").values_list("pk", flat=True))
    for pk in sorted(waiting, reverse=bool(choice % 2)):
        deliveries.take(delivery_id=pk)


# --- comments


@dataclass
class World:
    """One platform with people on it, what it told so far, and our picture of it."""

    platform: Platform
    sandbox: Sandbox
    channel: Channel
    told: list[dict[str, Any]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)  # by comment, oldest first
    seen: dict[str, int] = field(default_factory=dict)  # the newest text that we had
    pulled: set[str] = field(default_factory=set)  # what a pull may have met
    gone: set[str] = field(default_factory=set)
    delivered: set[int] = field(default_factory=set)
    sent: int = 0

    def heard(self, op: str, platform: str, values: Any) -> None:
        world = self.sandbox.store.world(self.platform)
        if op in {"comment", "edit", "state"}:
            comment = world.comments[values["id"]]
            body = wire.BODIES[self.platform](op, world, comment, bare=False)
            if body is not None:
                self.told.append(body)

    def step(self, name: str, choice: int) -> None:
        getattr(self, name)(choice)
        self.holds()

    def say(self, choice: int) -> None:
        number = len(self.texts)
        existing = list(self.texts)
        parent = existing[choice % len(existing)] if existing and choice % 3 == 0 else None
        made = self.sandbox.store.add_comment(
            {
                "id": f"{id(self)}-{number}",
                "platform": self.platform.value,
                "post": {"id": "p1", "text": "お知らせ"},
                "author": {
                    "id": f"a{number % 3}",
                    "name": f"名前{number % 3}",
                    "handle": f"who{number % 3}",
                },
                "text": f"コメント{number} 第0版",
                "created_at": (START + timedelta(minutes=number)).isoformat(),
                "parent": parent,
            }
        )
        assert made is not None
        self.texts[made] = [f"コメント{number} 第0版"]

    def edit(self, choice: int) -> None:
        standing = [i for i in self.texts if i not in self.gone]
        if standing and self.platform != Platform.THREADS:  # which tells of no edit
            chosen = standing[choice % len(standing)]
            text = f"{self.texts[chosen][0][:-3]}第{len(self.texts[chosen])}版"
            self.texts[chosen].append(text)
            self.sandbox.store.edit(self.platform, chosen, text)

    def delete(self, choice: int) -> None:
        standing = [i for i in self.texts if i not in self.gone]
        if self.platform != Platform.FACEBOOK:  # others tell only a pull that has met it
            standing = [i for i in standing if i in self.pulled]
        if standing:
            chosen = standing[choice % len(standing)]
            self.gone.add(chosen)
            self.sandbox.store.set_state(self.platform, chosen, GONE)

    def deliver(self, choice: int) -> None:
        """Anything that was ever told, now: for the first time, late, or once more."""
        if self.told:
            chosen = choice % len(self.told)
            self.delivered.add(chosen)
            knock(self.channel, self._renewed(self.told[chosen]), self._secret)

    def _renewed(self, body: dict[str, Any]) -> dict[str, Any]:
        """Half of the time as another delivery, so that it is taken in once more."""
        self.sent += 1
        if self.sent % 2:
            return body
        again = json.loads(json.dumps(body))
        if "data" in again:
            again["data"]["event_uuid"] += f"-{self.sent}"
        elif "entry" in again:
            again["entry"][0]["time"] += self.sent
        else:
            again["time"] += self.sent
        event("delivered anew")
        return dict(again)

    @property
    def _secret(self) -> str:
        return HOOK_SECRETS[self.platform]

    def work(self, choice: int) -> None:
        work(choice)

    def pull(self, choice: int) -> None:
        pull(channel=self.channel)
        self.pulled |= set(self.texts) - self.gone

    def holds(self) -> None:
        """No text is ever older than one that we had; what is gone never stands again."""
        for row in Comment.objects.filter(channel=self.channel):
            newest = self.texts[row.remote_id].index(row.text)
            assert newest >= self.seen.get(row.remote_id, 0), "an older text came back"
            self.seen[row.remote_id] = newest
            texts = row.revisions.order_by("number").values_list("text", flat=True)
            assert len(set(texts)) == len(texts), "a text came twice"

    def comes_to_rest(self) -> None:
        for number in sorted(set(range(len(self.told))) - self.delivered, reverse=True):
            knock(self.channel, self.told[number], self._secret)
            work(0)
        work(0)
        self.pull(0)
        self.pull(0)
        judge_pending()
        self.holds()
        rows = {row.remote_id: row for row in Comment.objects.filter(channel=self.channel)}
        there = set(self.texts) - self.gone
        assert there <= set(rows)
        for remote_id in there:
            assert rows[remote_id].text == self.texts[remote_id][-1]
            assert rows[remote_id].standing == CommentStanding.VISIBLE
        for remote_id in self.gone & set(rows):
            assert rows[remote_id].standing == CommentStanding.GONE
        assert not Comment.objects.filter(judged_at__isnull=True).exists()
        assert not WebhookDelivery.objects.exclude(state="taken").exists()


@pytest.mark.parametrize("platform", [Platform.X, Platform.FACEBOOK, Platform.THREADS], ids=str)
@given(
    steps=steps_of("say", "say", "edit", "delete", "deliver", "deliver", "deliver", "work", "pull")
)
@FEW
def test_any_order_of_deliveries_and_pulls_ends_in_what_is_true(
    policy: None, django_db_blocker: Any, platform: Platform, steps: list[tuple[str, int]]
) -> None:
    with running_sandbox() as sandbox, rolled_back(django_db_blocker):
        channel = connect_channel(
            actor=None,
            platform=platform,
            name="c",
            secrets=sandbox.store.credentials(platform),
            base_url=sandbox.base_url(platform),
        )
        world = World(platform, sandbox, channel)
        sandbox.store.listen = world.heard
        for name, choice in steps:
            world.step(name, choice)
        world.comes_to_rest()


# --- chats


@dataclass
class Chats:
    channel: Channel
    told: list[dict[str, Any]] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)
    unsent: set[str] = field(default_factory=set)
    taken_back: set[str] = field(default_factory=set)  # of which the console has been told
    sent: int = 0

    def step(self, name: str, choice: int) -> None:
        getattr(self, name)(choice)
        self.holds()

    def write(self, choice: int) -> None:
        number = str(len(self.written))
        self.written[number] = f"ひみつ{number}の話"
        self.told.append(
            hook_bodies.line_message(number, user="U1", text=self.written[number], at=START)
        )

    def unsend(self, choice: int) -> None:
        if self.written:
            number = list(self.written)[choice % len(self.written)]
            self.unsent.add(number)
            self.told.append(hook_bodies.line_unsend(number, user="U1", at=START))

    def deliver(self, choice: int) -> None:
        """One to three of the events, in any order, alone or again."""
        if not self.told:
            return
        events = [self.told[(choice * k) % len(self.told)] for k in (1, 7, 13)][: choice % 3 + 1]
        self.sent += 1
        if self.sent % 2:  # another event id: the same message, told as something new
            events = [e | {"webhookEventId": f"{e['webhookEventId']}-{self.sent}"} for e in events]
        knock(self.channel, hook_bodies.line_events(self.channel.account_id, *events), "secret")
        self.taken_back |= {e["unsend"]["messageId"] for e in events if e["type"] == "unsend"}

    def work(self, choice: int) -> None:
        work(choice)

    def holds(self) -> None:
        """Once everything that came is taken in, no word of what was taken back is left."""
        if WebhookDelivery.objects.filter(state="waiting").exists():
            return
        stored = "".join(
            [
                *Comment.objects.values_list("text", flat=True),
                *CommentRevision.objects.values_list("text", flat=True),
                *(
                    bytes(r).decode("unicode_escape")
                    for r in CommentRevision.objects.values_list("raw", flat=True)
                ),
                *(
                    bytes(b).decode("unicode_escape")
                    for b in WebhookDelivery.objects.values_list("body", flat=True)
                ),
            ]
        )
        for number in self.taken_back:
            assert self.written[number] not in stored

    def comes_to_rest(self) -> None:
        for told in self.told:
            body = hook_bodies.line_events(self.channel.account_id, told)
            knock(self.channel, body, "secret")
        self.taken_back |= self.unsent
        work(self.sent)
        self.holds()
        rows = Comment.objects.values_list("remote_id", "text", "erasure", "standing")
        assert set(rows) == {
            (number, "", "unsent", "gone")
            if number in self.unsent
            else (number, text, "", "visible")
            for number, text in self.written.items()
        }


@given(steps=steps_of("write", "write", "unsend", "deliver", "deliver", "deliver", "work"))
@FEW
def test_any_order_of_messages_and_unsends_ends_the_same(
    policy: None, django_db_blocker: Any, steps: list[tuple[str, int]]
) -> None:
    with rolled_back(django_db_blocker):
        channel = Channel.objects.create(platform=Platform.LINE, name="LINE", account_id="Uown")
        sealed = seal({"channel_secret": "secret"})
        Credential.objects.create(channel=channel, sealed=sealed)
        chats = Chats(channel)
        for name, choice in steps:
            chats.step(name, choice)
        chats.comes_to_rest()
