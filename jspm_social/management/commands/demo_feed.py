"""The demo's public: connects the sandbox's accounts and lets the example comments come in."""

import json
import signal
import time
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from django.core.management.base import BaseCommand, CommandError

from jspm_social.management.demo_posts import make_posts
from jspm_social.platforms.connect import connect_channel
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from jspm_social.platforms.webhooks import address_of
from moderation.importing import store, to_comment
from policy.data import COMMENTS

AT_ONCE = 120  # comments that are there from the start, as if from the last days
PACE = timedelta(minutes=30)  # between those
PLATFORMS = tuple(Platform)
COMMENTED = tuple(p for p in PLATFORMS if p != Platform.LINE)  # LINE has chats alone
CHATS = (  # invented, like everything here
    "こんにちは。市民公開講座の申し込みはどこからできますか。",
    "母が先週から痛み止めの飲み薬を始めました。眠気が強いのですが、量を減らしてもよいでしょうか。",
    "父を看取ってから眠れません。もう消えてしまいたいと毎晩思っています。",
    "送る相手を間違えました。",  # and is taken back
)


class Command(BaseCommand):
    help = "Feed the sandbox of the demo with the example comments, one by one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sandbox", required=True, help="the sandbox's address")
        parser.add_argument("--every", type=float, default=2.0, help="seconds between comments")

    def handle(self, **options: Any) -> None:
        sandbox = _Sandbox(options["sandbox"])
        sandbox.wait()
        for platform in PLATFORMS:
            if not Channel.objects.filter(base_url=sandbox.base_url(platform)).exists():
                connect_channel(
                    actor=None,
                    platform=platform,
                    name=f"日本緩和医療学会 {platform.label}（デモ）",
                    secrets=sandbox.get(f"credentials/{platform}"),
                    base_url=sandbox.base_url(platform),
                )
        for channel in Channel.objects.filter(base_url__startswith=f"{sandbox.url}/"):
            sandbox.subscribe(channel)
            if channel.platform == Platform.LINE and channel.pulled_at is None:
                sandbox.chat()
        make_posts()
        records, others = _records()
        sandbox.add(_in_the_past(records[:AT_ONCE]))
        store(to_comment(record) for record in _in_the_past(others))
        for record in records[AT_ONCE:]:
            if sandbox.add([record | {"created_at": datetime.now(UTC).isoformat()}]):
                time.sleep(options["every"])
        self.stdout.write("all example comments are in")
        while True:
            signal.pause()


class _Sandbox:
    """The sandbox's control plane, on this machine."""

    def __init__(self, url: str) -> None:
        if not url.startswith("http://127.0.0.1:"):
            raise CommandError("the demo's sandbox runs on this machine")
        self.url = url

    def base_url(self, platform: Platform) -> str:
        return f"{self.url}/{platform.value}"

    def wait(self, seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                self.get("state")
            except URLError as error:
                if time.monotonic() > end:
                    raise CommandError("the sandbox does not answer") from error
                time.sleep(0.2)
            else:
                return

    def get(self, name: str) -> Any:
        with urlopen(f"{self.url}/_sandbox/{name}", timeout=10) as reply:  # noqa: S310 -- ours
            return json.load(reply)

    def subscribe(self, channel: Channel, seconds: float = 60.0) -> None:
        """Let the channel's platform tell by itself, where it does, once the console is up."""
        address = address_of(channel)
        if address is None or not address.ready:
            return
        wanted = {
            "platform": channel.platform,
            "url": address.url,
            "verify_token": address.verify_token,
        }
        end = time.monotonic() + seconds
        while True:
            try:
                self._post("webhooks", wanted)
            except HTTPError as error:  # the handshake failed: nobody answers there yet
                if time.monotonic() > end:
                    raise CommandError(f"no webhooks for {channel}") from error
                time.sleep(0.5)
            else:
                return

    def chat(self) -> None:
        """Let people write to the LINE account; the last one takes the message back."""
        for number, text in enumerate(CHATS):
            sent = self._post("line", {"user": f"Udemo{number}", "text": text})
        self._post("line", {"user": f"Udemo{number}", "unsend": sent["id"]})

    def add(self, records: list[dict[str, Any]]) -> int:
        """Add comments; those that are there already are left out. Returns how many were new."""
        added: int = self._post("comments", {"records": records})["added"]
        return added

    def _post(self, name: str, body: dict[str, Any]) -> Any:
        request = Request(  # noqa: S310 -- ours
            f"{self.url}/_sandbox/{name}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=30) as reply:  # noqa: S310 -- ours
            return json.load(reply)


def _records() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the labelled comments: those that the sandbox serves, and those of the others."""
    lines = [line for path in COMMENTS for line in path.read_text(encoding="utf-8").splitlines()]
    records = [json.loads(line) for line in lines if line.strip()]
    records.sort(key=lambda record: (record["created_at"], record["id"]))
    served = [record for record in records if record["platform"] in COMMENTED]
    return served, [record for record in records if record["platform"] not in COMMENTED]


def _in_the_past(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    count = len(records)
    return [
        record | {"created_at": (now - PACE * (count - number)).isoformat()}
        for number, record in enumerate(records)
    ]
