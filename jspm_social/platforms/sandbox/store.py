"""The sandbox's memory: every change is an event, applied and appended to a journal.

A restart replays the journal and continues where it was. All methods are safe to call from the
server's threads and from a test alike.
"""

import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from . import ids
from .model import GONE, HIDDEN, REMOVED, SPAM, VISIBLE, Comment, Person, Post, Tokens, World
from .oauth.codes import Consents

COMMENTED = ("x", "facebook", "youtube", "instagram", "threads", "bluesky", "mastodon")
PLATFORMS = (*COMMENTED, "line")  # which has no public comments
FACEBOOK_APP_SECRET = "sandbox-facebook-app-secret"  # noqa: S105 - opens nothing but the sandbox
BLUESKY_APP_PASSWORD = "sandbox-bluesky-app-password"  # noqa: S105 - likewise
LINE_CHANNEL_SECRET = "sandbox-line-channel-secret"  # noqa: S105 - likewise
CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-client-secret"
META_VERIFY_TOKEN = "sandbox-verify-token"  # noqa: S105 - likewise
X_CONSUMER_SECRET = "sandbox-x-consumer-secret"  # noqa: S105 - likewise
LINE_CHANNEL_SECRET = "sandbox-line-channel-secret"  # noqa: S105 - likewise
HOOK_SECRETS: Mapping[str, str] = {  # what each platform's webhooks are signed with
    "x": X_CONSUMER_SECRET,
    "facebook": FACEBOOK_APP_SECRET,
    "instagram": FACEBOOK_APP_SECRET,
    "threads": FACEBOOK_APP_SECRET,
    "line": LINE_CHANNEL_SECRET,
}


Listener: TypeAlias = Callable[[str, str, Mapping[str, Any]], None]


class SandboxStore:
    """One world per platform. With `journal`, what happened is kept in that file."""

    def __init__(self, journal: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.worlds = {name: World() for name in PLATFORMS}
        for name, world in self.worlds.items():
            world.people[ids.OWN_IDS[name]] = Person(
                ids.OWN_IDS[name], "", ids.OWN_NAME, ids.OWN_HANDLE
            )
            world.tokens = Tokens(f"sandbox-{name}-access-0", f"sandbox-{name}-refresh-0")
        self.consents = Consents()
        self.enforce_limits = False
        self.listen: Listener | None = None  # is told of everything that happens from now on
        self._journal = None
        if journal is not None:
            journal.parent.mkdir(parents=True, exist_ok=True)
            self._replay(journal)
            self._journal = journal.open("a", encoding="ascii")

    def close(self) -> None:
        if self._journal:
            self._journal.close()
            self._journal = None

    def world(self, platform: str) -> World:
        return self.worlds[platform]

    def credentials(self, platform: str) -> dict[str, str]:
        """Return what connect_channel needs to reach this sandbox now."""
        tokens = self.worlds[platform].tokens
        if platform in {"facebook", "instagram", "threads"}:
            return {
                "access_token": tokens.access,
                "app_secret": FACEBOOK_APP_SECRET,
                "verify_token": META_VERIFY_TOKEN,
            }
        if platform == "mastodon":
            return {"access_token": tokens.access}
        if platform == "line":
            return {"access_token": tokens.access, "channel_secret": LINE_CHANNEL_SECRET}
        if platform == "bluesky":
            return {
                "identifier": f"{ids.OWN_HANDLE}.example",
                "app_password": BLUESKY_APP_PASSWORD,
                "access_token": tokens.access,
                "refresh_token": tokens.refresh,
                "pds": "https://pds.sandbox.example",
            }
        signs = {"consumer_secret": X_CONSUMER_SECRET} if platform == "x" else {}
        return {
            "access_token": tokens.access,
            "refresh_token": tokens.refresh,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            **signs,
        }

    # --- filling

    def seed(self, records: Iterable[Mapping[str, Any]], *, shift: timedelta = timedelta()) -> int:
        """Add labelled records as comments; those of other platforms are left out.

        Returns how many were added: a record that is already here is not added again. `shift`
        moves every time, e.g. to now.
        """
        return sum(1 for record in records if self.add_comment(record, shift=shift))

    def add_comment(
        self, record: Mapping[str, Any], *, shift: timedelta = timedelta()
    ) -> str | None:
        """Add one labelled record and return its id here; None when there is nothing to add.

        Beyond the labelled format it may hold `parent` (a comment's id, for a reply to it),
        `mentions` (false: found by search only, on X) and `status` ("hidden", "spam").
        """
        platform = str(record.get("platform", ""))
        if platform not in COMMENTED:
            return None
        with self.lock:
            world = self.worlds[platform]
            if str(record["id"]) in world.aliases:
                return None
            at = _time(record.get("created_at")) + shift
            post_id = self._post(platform, record.get("post") or {}, at)
            author_id = self._person(platform, record.get("author") or {})
            banned = platform == "youtube" and author_id in world.blocked
            parent = world.find(str(record["parent"])) if record.get("parent") else None
            flat = platform in {"youtube", "instagram"}  # one level of replies
            top = parent.parent_id or parent.id if parent and flat else ""
            new_id = ids.comment_id(platform, str(record["id"]), at, post_id, top, author=author_id)
            self._commit(
                "comment",
                platform,
                id=new_id,
                source_id=str(record["id"]),
                post_id=post_id,
                parent_id=top or (parent.id if parent else ""),
                author_id=author_id,
                text=str(record.get("text", "")),
                at=at.isoformat(),
                state=REMOVED if banned else str(record.get("status", VISIBLE)),
                mentions=bool(record.get("mentions", True)),
            )
            return new_id

    def _post(self, platform: str, post: Mapping[str, Any], at: datetime) -> str:
        world = self.worlds[platform]
        source_id = str(post.get("id", "post"))
        for known in world.posts.values():
            if known.source_id == source_id:
                return known.id
        before = at - timedelta(hours=1)
        new_id = ids.post_id(platform, source_id, before)
        self._commit(
            "post",
            platform,
            id=new_id,
            source_id=source_id,
            text=str(post.get("text", "")),
            at=before.isoformat(),
        )
        return new_id

    def _person(self, platform: str, author: Mapping[str, Any]) -> str:
        source_id = str(author.get("id", "nobody"))
        own = source_id == "own"  # the society itself answers in its own thread
        name, handle = str(author.get("name", "")), str(author.get("handle", "")).lstrip("@")
        key = handle if platform == "threads" and handle else source_id
        person_id = ids.OWN_IDS[platform] if own else ids.person_id(platform, key)
        known = self.worlds[platform].people.get(person_id)
        if not own and (known is None or (known.name, known.handle) != (name, handle)):
            self._commit(
                "person",
                platform,
                id=person_id,
                source_id=source_id,
                name=name,
                handle=handle,
            )
        return person_id

    # --- what people and the society do

    def edit(self, platform: str, comment_id: str, text: str, at: datetime | None = None) -> None:
        """The author changes the text."""
        with self.lock:
            comment = self._known(platform, comment_id)
            moment = at or datetime.now(UTC)
            version = ids.snowflake(moment, text) if platform == "x" else comment.id
            self._commit(
                "edit", platform, id=comment.id, text=text, at=moment.isoformat(), version=version
            )

    def delete_by_author(self, platform: str, comment_id: str) -> None:
        with self.lock:
            self.set_state(platform, self._known(platform, comment_id).id, GONE)

    def set_state(self, platform: str, comment_id: str, state: str) -> None:
        """Set visible, hidden, removed, spam or gone."""
        if state not in {VISIBLE, HIDDEN, REMOVED, SPAM, GONE}:
            raise ValueError(state)
        self._commit("state", platform, id=comment_id, state=state)

    def set_person(self, platform: str, kind: str, person_id: str, *, on: bool) -> None:
        """Block or mute (`kind` is 'blocked' or 'muted') or lift it."""
        self._commit("relation", platform, kind=kind, id=person_id, on=on)

    def set_record(self, platform: str, uri: str, value: Mapping[str, Any] | None) -> None:
        """Write a record of our own repository (Bluesky), or delete it with None."""
        self._commit("record", platform, uri=uri, value=value)

    def publish(
        self,
        platform: str,
        post_id: str,
        text: str,
        *,
        at: datetime | None = None,
        media: Iterable[Mapping[str, Any]] = (),
        card: Mapping[str, Any] | None = None,
        poll: Mapping[str, Any] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> Post:
        """A post of ours goes out.

        Of each medium `kind`, `mime`, `size`, `sha256` and `alt` are shown, and `title` and `url`
        of the card, `options` of the poll; `more` is the wire's own.
        """
        with self.lock:
            sent = {
                "media": [dict(item) for item in media],
                "card": dict(card) if card else None,
                "poll": dict(poll) if poll else None,
                "more": dict(more or {}),
            }
            moment = (at or datetime.now(UTC)).isoformat()
            self._commit(
                "post", platform, id=post_id, source_id=post_id, text=text, at=moment, sent=sent
            )
            return self.worlds[platform].posts[post_id]

    def post_natively(self, platform: str, text: str, *, at: datetime | None = None) -> str:
        """Somebody posts for the society on the platform's own pages; returns the post's id."""
        with self.lock:
            moment = at or datetime.now(UTC)
            post_id = ids.post_id(platform, f"native {len(self.worlds[platform].posts)}", moment)
            told = {"id": post_id, "text": text, "at": moment.isoformat()}
            self._commit("post", platform, source_id=post_id, **told)
            return post_id

    def count(self, platform: str, post_id: str, **counts: int) -> None:
        """People like, pass on or look at a post: `likes`, `reposts`, `views` are from now on."""
        with self.lock:
            if post_id not in self.worlds[platform].posts:
                raise KeyError(post_id)
            self._commit("count", platform, id=post_id, counts=counts)

    def withdraw(self, platform: str, post_id: str) -> None:
        """We delete a post of ours; what stood under it goes with it."""
        self._commit("withdraw", platform, id=post_id)

    def upload(self, platform: str, upload_id: str, **values: Any) -> dict[str, Any]:
        """Remember an uploaded file or its session, or more about one; the bytes are not kept."""
        with self.lock:
            self._commit("upload", platform, id=upload_id, values=values)
            return self.worlds[platform].uploads[upload_id]

    def saw_call(self, platform: str, effect: str, target: str) -> None:
        """Count an effect call that was carried out, whether or not it changed anything."""
        self._commit("call", platform, key=f"{effect} {target}")

    def rotate_tokens(self, platform: str) -> Tokens:
        """Issue new tokens; the old ones stop working (Google's refresh token stays)."""
        with self.lock:
            serial = self.worlds[platform].tokens.serial + 1
            old_refresh = self.worlds[platform].tokens.refresh
            refresh = (
                old_refresh if platform == "youtube" else f"sandbox-{platform}-refresh-{serial}"
            )
            self._commit(
                "tokens",
                platform,
                access=f"sandbox-{platform}-access-{serial}",
                refresh=refresh,
                serial=serial,
            )
            return self.worlds[platform].tokens

    def expire_token(self, platform: str, *, revoked: bool = False) -> None:
        """The access token stops working; `revoked`: the refresh token too."""
        self._commit("expire", platform, revoked=revoked)

    # --- looking

    def state(self) -> dict[str, Any]:
        """Everything as JSON: what each comment is like, who is blocked, which effects came."""
        with self.lock:
            return {name: _world_json(world) for name, world in self.worlds.items()}

    def remote_id(self, platform: str, source_id: str) -> str:
        return self.worlds[platform].aliases[source_id]

    def _known(self, platform: str, comment_id: str) -> Comment:
        comment = self.worlds[platform].find(comment_id)
        if comment is None:
            raise KeyError(comment_id)
        return comment

    # --- events

    def _commit(self, op: str, platform: str, **values: Any) -> None:
        event = {"op": op, "platform": platform, **values}
        with self.lock:
            _apply(self.worlds[platform], event)
            if self._journal:
                self._journal.write(json.dumps(event) + "\n")
                self._journal.flush()
            if self.listen:
                self.listen(op, platform, values)

    def _replay(self, journal: Path) -> None:
        if not journal.exists():
            return
        whole, _, cut = journal.read_bytes().rpartition(b"\n")
        if cut:  # a line cut off by a kill never happened
            os.truncate(journal, len(whole) + 1 if whole else 0)
        for line in whole.splitlines():
            event = json.loads(line)
            _apply(self.worlds[event["platform"]], event)


def _apply(world: World, event: Mapping[str, Any]) -> None:  # noqa: C901,PLR0912 - a case per event
    match event["op"]:
        case "post":
            at = datetime.fromisoformat(event["at"])
            world.posts[event["id"]] = Post(
                event["id"], event["source_id"], event["text"], at, event.get("sent")
            )
        case "count":
            world.posts[event["id"]].counts.update(event["counts"])
        case "withdraw":
            _withdraw(world, event["id"])
        case "upload":
            world.uploads.setdefault(event["id"], {}).update(event["values"])
        case "person":
            world.people[event["id"]] = Person(
                event["id"],
                event["source_id"],
                event["name"],
                event["handle"],
            )
        case "comment":
            _add_comment(world, event)
        case "edit":
            comment = world.comments[event["id"]]
            comment.text = event["text"]
            comment.updated_at = datetime.fromisoformat(event["at"])
            comment.versions.append(event["version"])
            world.aliases[event["version"]] = comment.id
        case "state":
            world.comments[event["id"]].state = event["state"]
        case "relation":
            people = world.blocked if event["kind"] == "blocked" else world.muted
            (people.add if event["on"] else people.discard)(event["id"])
        case "record":
            world.records[event["uri"]] = event["value"]  # None: deleted
        case "call":
            world.calls[event["key"]] = world.calls.get(event["key"], 0) + 1
        case "tokens":
            world.tokens = Tokens(event["access"], event["refresh"], event["serial"])
        case "expire":
            world.tokens.expired = True
            world.tokens.revoked = event["revoked"]


def _withdraw(world: World, post_id: str) -> None:
    if world.posts.pop(post_id, None):
        world.withdrawn.append(post_id)
    for comment in world.comments.values():
        if comment.post_id == post_id:
            comment.state = GONE


def _add_comment(world: World, event: Mapping[str, Any]) -> None:
    at = datetime.fromisoformat(event["at"])
    world.aliases[event["source_id"]] = event["id"]
    if event["parent_id"] in world.comments:
        world.comments[event["parent_id"]].replies.append(event["id"])
    world.comments[event["id"]] = Comment(
        id=event["id"],
        source_id=event["source_id"],
        post_id=event["post_id"],
        parent_id=event["parent_id"],
        author_id=event["author_id"],
        text=event["text"],
        created_at=at,
        updated_at=at,
        versions=[event["id"]],
        state=event["state"],
        mentions=event["mentions"],
    )


def _world_json(world: World) -> dict[str, Any]:
    return {
        "posts": [
            {"id": p.id, "source_id": p.source_id, "text": p.text, "sent": p.sent}
            for p in world.posts.values()
        ],
        "withdrawn": list(world.withdrawn),
        "comments": [
            {
                "id": c.id,
                "source_id": c.source_id,
                "post_id": c.post_id,
                "parent_id": c.parent_id,
                "author_id": c.author_id,
                "text": c.text,
                "created_at": c.created_at.isoformat(),
                "state": c.state,
                "edits": len(c.versions) - 1,
                "blocked": c.author_id in world.blocked,
            }
            for c in world.comments.values()
        ],
        "blocked": sorted(world.blocked),
        "muted": sorted(world.muted),
        "calls": dict(world.calls),
        "requests": world.reads,
        "units": world.units,
    }


def _time(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if value else datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
