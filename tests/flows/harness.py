"""A console at work in miniature: sandbox, channels, people, policy, workers, and its own clock.

Time is moved, never waited for. The workers' jobs run in this process, taken from the real
queues; what shall die runs in a process that really dies (`mortal.py`).
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import django_rq
import time_machine
from django.db import connection, connections, transaction
from django.utils import timezone

import moderation.jobs
from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.audit.verify import Verified, verify
from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.connect import connect_channel
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Effect, Platform
from jspm_social.platforms.sandbox.server import Sandbox
from jspm_social.platforms.states import OperationState
from moderation.models import Action, Case, Comment, Decision
from moderation.services import second
from moderation.services.decide import decide
from policy.criteria import Criterion
from policy.services import load_version_1
from tests.flows.mortal import DIED
from tests.people import People

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
SPAM = "相互フォロー100%です💯 いいねした人全員フォローします #相互 #フォロバ100"
KIND = "ご案内ありがとうございます。参考になりました。"
# Which requests perform effects, as the sandbox's faults match them.
WRITES = {
    Platform.X: "PUT *",
    Platform.FACEBOOK: "POST */v*_*",
    Platform.YOUTUBE: "POST *setModerationStatus",
    Platform.INSTAGRAM: "POST */v*/17*",
    Platform.THREADS: "POST *manage_reply",
    Platform.BLUESKY: "POST *com.atproto.repo.*",
    Platform.MASTODON: "POST *block",
}
# What YouTube calls the effects that others name as we do.
YOUTUBE_WORDS = {
    "heldForReview": "hide",
    "published": "unhide",
    "rejected": "delete",
    "rejected+ban": "block",
}
UNDONE_BY_NOW = timedelta(seconds=16)  # the undo window has passed
NOBODY_LEFT = timedelta(minutes=11)  # every lease of a dead process has run out


class Mortal:
    """The process that runs single functions and may die in them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.mortal"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, name: str, *, die: tuple[str, str] | None = None, **args: Any) -> None:
        """Run a function by its dotted name; with `die` ("before"/"after", name) it must die."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        order = {"run": name, "args": args, "die": die, "at": timezone.now().isoformat()}
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        assert int(stdout.readline()) == (DIED if die else 0)

    def stop(self) -> None:
        self._process.communicate(timeout=10)


@dataclass
class House:
    """Everything a flow needs. `clock` is the time that this process lives in."""

    sandbox: Sandbox
    people: People
    clock: time_machine.Traveller
    channels: dict[Platform, Channel] = field(default_factory=dict)
    said: int = 0

    @property
    def channel(self) -> Channel:
        """The only channel of a flow that has one."""
        (channel,) = self.channels.values()
        return channel

    def connect(self, platform: Platform, **changed_secrets: str) -> Channel:
        secrets = self.sandbox.store.credentials(platform.value) | changed_secrets
        self.channels[platform] = connect_channel(
            actor=None,
            platform=platform,
            name=platform.label,
            secrets={name: value for name, value in secrets.items() if value},
            base_url=self.sandbox.base_url(platform.value),
        )
        return self.channels[platform]

    def say(self, text: str = SPAM, platform: Platform | None = None, **changes: Any) -> str:
        """Somebody comments; return the comment's id on the platform."""
        self.said += 1
        number = self.said
        made = self.sandbox.store.add_comment(
            {
                "id": f"c{number}",
                "platform": str(platform or self.channel.platform),
                "post": {"id": "p1", "text": "お知らせ"},
                "author": {"id": f"a{number}", "name": f"名前{number}", "handle": f"who{number}"},
                "text": text,
                "created_at": (START + timedelta(minutes=number)).isoformat(),
                **changes,
            }
        )
        assert made is not None
        return made

    def fault(self, kind: str, platform: Platform | None = None, **more: Any) -> None:
        of = Platform(platform or self.channel.platform)
        self.sandbox.faults.add(kind, platform=of.value, **{"match": WRITES[of]} | more)

    def calls(self, platform: Platform | None = None) -> dict[str, int]:
        """Which effects the platform has carried out, and how often: {'hide <id>': 1}."""
        calls = self.sandbox.store.world(str(platform or self.channel.platform)).calls
        words = (key.split() for key in calls)
        return {f"{YOUTUBE_WORDS.get(w, w)} {i}": calls[f"{w} {i}"] for w, i in words}

    def state(self, remote_id: str, platform: Platform | None = None) -> str:
        world = self.sandbox.store.world(str(platform or self.channel.platform))
        return world.comments[remote_id].state

    # --- what the machinery does

    def work(self) -> None:
        """Do what waits in the queues, as the workers would; any exception is the test's."""
        for name in ("act", "intake"):
            queue = django_rq.get_queue(name)
            while jobs := queue.get_jobs(length=1):
                job = jobs[0]
                job.delete()
                job.func(*job.args)

    def pull(self) -> None:
        moderation.jobs.catch_up()
        self.work()

    def sweep(self, after: timedelta = timedelta()) -> None:
        """Let `after` pass, then sweep and work once."""
        self.clock.shift(after)
        moderation.jobs.sweep()
        self.work()

    def sweep_until_quiet(self, rounds: int = 12) -> None:
        """Sweep, as time goes by, until nothing waits and nothing is being sent any more."""
        self.sweep(NOBODY_LEFT)
        busy = Action.objects.exclude(
            state__in=[OperationState.DONE, OperationState.CANCELLED, OperationState.FAILED]
        )
        for _ in range(rounds):
            if not busy.exists():
                return
            self.sweep(timedelta(minutes=6))
        assert set(busy.values_list("state", flat=True)) <= {OperationState.UNKNOWN}

    # --- what people do

    def case(self, remote_id: str) -> Case:
        """The latest case of a comment, freshly read."""
        cases = Case.objects.filter(comment__remote_id=remote_id)
        return cases.select_related("comment__channel").latest("opened_at", "pk")

    def decide(
        self, remote_id: str, outcome: Outcome = Outcome.HIDE, actor: User | None = None
    ) -> Decision:
        return decide_now(actor or self.people.moderator, self.case(remote_id), outcome)

    def confirm(self, decision: Decision, *, agree: bool = True, actor: User | None = None) -> None:
        second.confirm(
            actor=actor or self.people.moderator2,
            decision=Decision.objects.get(pk=decision.pk),
            agree=agree,
            note="" if agree else "判断できません",
        )


def decide_now(actor: User, case: Case, outcome: Outcome) -> Decision:
    """Decide on the comment's latest revision, as the form would."""
    return decide(
        actor=actor,
        case=case,
        revision_id=case.comment.revisions.order_by("-number")[0].pk,
        outcome=outcome,
        criteria=[Criterion.TERMS] if outcome not in {Outcome.KEEP, Outcome.RESTORE} else [],
        note="規約違反の宣伝",
    )


@contextmanager
def house(sandbox: Sandbox, people: People) -> Iterator[House]:
    """An empty house with the policy in force, whose moderators can be reached by mail.

    Its clock starts now and goes on.
    """
    load_version_1()
    User.objects.filter(roles__contains=[Role.MODERATOR]).update(email="moderator@example.org")
    with time_machine.travel(datetime.now(UTC), tick=True) as clock:
        yield House(sandbox, people, clock)


def action_of(decision: Decision, effect: Effect = Effect.HIDE) -> Action:
    return Action.objects.get(decision=decision, effect=effect)


def decision_of(action: Action) -> Decision:
    """The person's decision that an effect belongs to."""
    assert action.decision
    return action.decision


def chain_is_whole() -> bool:
    with transaction.atomic():
        return isinstance(verify(), Verified)


def everything_once(expected: set[str]) -> None:
    """Each of these comments is stored once, with one revision, judged once; nothing else is."""
    rows = Comment.objects.prefetch_related("revisions__judgements")
    counts: Mapping[str, list[int]] = {
        row.remote_id: [r.judgements.count() for r in row.revisions.all()] for row in rows
    }
    assert counts == {remote_id: [1] for remote_id in expected}
    assert not Comment.objects.filter(judged_at__isnull=True).exists()


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run each in a thread with a connection of its own, all at once; results or exceptions."""
    results: list[Any] = [None] * len(works)
    start = threading.Barrier(len(works))

    def run(index: int, work: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            results[index] = work()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results
