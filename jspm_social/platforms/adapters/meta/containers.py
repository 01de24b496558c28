"""How Instagram and Threads publish: a container is filled, unseen, and then published once.

A container tells for 24 hours whether it was published. So its id is kept before it is published,
and it is asked before it is published again: a lost answer never makes a second post.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TypeAlias

from jspm_social.platforms.adapters import files
from jspm_social.platforms.adapters.outgoing import same_words, too_old
from jspm_social.platforms.adapters.reading import instant, number, obj, objs, text
from jspm_social.platforms.contract import Receipt
from jspm_social.platforms.errors import (
    Missing,
    OutcomeUnknown,
    Pending,
    PlatformError,
    RateLimited,
    Rejected,
    Transient,
)
from jspm_social.platforms.http import Answer, url_path
from jspm_social.platforms.publishing import Media, Progress, Published, PublishRequest

from . import own_posts
from .graph import Graph
from .refusals import LIMIT_PAUSE, failure_words, publishing_problem

Form: TypeAlias = Mapping[str, str]
PICTURE_PAUSE, FILM_PAUSE = timedelta(seconds=15), timedelta(minutes=1)


class Stage(Enum):
    """How a container stands."""

    WORKING = "IN_PROGRESS"
    READY = "FINISHED"
    PUBLISHED = "PUBLISHED"
    FAILED = "ERROR"
    EXPIRED = "EXPIRED"  # older than 24 hours, never published; or no longer there at all


@dataclass(frozen=True, slots=True)
class Look:
    """How a container was found to stand; `reason` tells why it failed, if it did."""

    stage: Stage
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The containers a post takes: its parts where it has several, and the one to publish.

    `file` is sent to the one to publish when Meta cannot fetch it by itself; `slow` says that a
    film is among them.
    """

    main: Form
    parts: tuple[Form, ...] = ()
    file: Media | None = None
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """Where one platform makes, publishes and lists, and how it calls things there."""

    name: str
    create: str
    publish: str
    own: str  # the list of our own posts, newest first
    limit: str
    stage: str  # the field that tells how a container stands
    reason: str  # the field that tells why it failed
    words: str  # the field of a post that holds its text
    upload: str = ""  # where files are sent, unless Meta names the place
    passed_over: frozenset[str] = frozenset()  # kinds of media in the list that are not ours


class ContainerPublisher:
    """From a request to a post by way of containers. Keeps its place in `progress`:
    `parts` (ids), `container`, `made` (when), `address` and `uploaded` (of a file's bytes), and
    `sending` (when it was last asked to be published).
    """

    def __init__(self, graph: Graph, wire: Wire) -> None:
        self._graph, self._wire = graph, wire

    def publish(self, plan: Plan, request: PublishRequest, progress: Progress) -> Published:
        """See Publisher."""
        known = progress.read().get("container")
        look = self._look(known) if known else None
        if look and look.stage in {Stage.PUBLISHED, Stage.EXPIRED}:
            found = self._found_or_forgotten(look.stage, request, progress)
            if found:
                return found
            look = None
        if not progress.read().get("container"):
            self._check_limit()
            self._prepare(plan, progress)
        container = progress.read()["container"]
        if plan.file and not progress.read().get("uploaded"):
            self._send_file(container, progress.read().get("address", ""), plan.file)
            progress.keep(uploaded="yes")
            look = None
        self._require_ready(look or self._look(container), plan, progress)
        progress.keep(sending=datetime.now(UTC).isoformat())
        return self._shown(self._publish(container), request.text)

    def find(
        self, request: PublishRequest, progress: Progress, *, since: datetime
    ) -> Published | None:
        """See Publisher. Without a container nothing can have been published."""
        container = progress.read().get("container")
        if not container:
            return None
        stage = self._look(container).stage
        if stage not in {Stage.PUBLISHED, Stage.EXPIRED}:
            return None
        found = self._listed(request, progress, since)
        if stage is Stage.PUBLISHED and found is None:
            raise Transient(f"{self._wire.name}: published, but not listed yet")
        return found

    def read(self, remote_id: str) -> Published:
        """See Publisher."""
        found = self._graph.look([remote_id], self._fields()).get(remote_id)
        if found is None:
            raise Missing(f"{self._wire.name}: the post is gone")
        return self._published(found)

    def withdraw(self, remote_id: str) -> Receipt:
        """See Publisher."""
        return own_posts.delete(self._graph, remote_id, name=self._wire.name)

    def _publish(self, container: str) -> str:
        """Publish a container and return the post's id.

        A refusal of one that was published meanwhile (by an attempt whose answer was lost) is no
        refusal of the post.
        """
        answer = self._graph.send("POST", self._wire.publish, form={"creation_id": container})
        problem = publishing_problem(answer, visible=True, name=self._wire.name)
        if isinstance(problem, Rejected) and self._look(container).stage is Stage.PUBLISHED:
            raise OutcomeUnknown(f"{problem.detail}, and yet it was published")
        if problem:
            raise problem
        remote_id = text(obj(answer.body), "id")
        if not remote_id:
            raise OutcomeUnknown(f"{self._wire.name}: the answer names no post")
        return remote_id

    def _shown(self, remote_id: str, words: str) -> Published:
        """Return a post that was just published; that it cannot be read yet changes nothing."""
        try:
            return self._published(self._graph.read(url_path(remote_id), fields=self._fields()))
        except PlatformError:
            return Published(remote_id, text=words)

    # --- what was there before

    def _found_or_forgotten(
        self, stage: Stage, request: PublishRequest, progress: Progress
    ) -> Published | None:
        """Return the post that an earlier attempt published. An expired container is forgotten
        once it is proven that it was not published.
        """
        made = instant(progress.read().get("made")) or datetime.now(UTC)
        found = self._listed(request, progress, made)
        if found is None and stage is Stage.PUBLISHED:
            raise OutcomeUnknown(f"{self._wire.name}: published, but not listed yet")
        if found is None:
            _forget(progress)
        return found

    def _listed(
        self, request: PublishRequest, progress: Progress, since: datetime
    ) -> Published | None:
        """Return that of our own posts since then which has the request's words; of several the
        one that appeared when this one was sent.
        """
        sending = instant(progress.read().get("sending")) or since
        found = [post for post in self.own_since(since) if same_words(post.text, request.text)]
        near = (abs((post.published_at or since) - sending) for post in found)
        return min(zip(near, found, strict=True), key=lambda pair: pair[0], default=(0, None))[1]

    def own_since(self, since: datetime) -> Iterator[Published]:
        """Give our posts since then, newest first; what was passed on of others is left out."""
        fields = f"{self._fields()},media_type"
        for page in self._graph.pages(self._wire.own, fields=fields, limit="50"):
            for post in page:
                if too_old(instant(post.get("timestamp")), since):
                    return
                if text(post, "media_type") not in self._wire.passed_over:
                    yield self._published(post)

    # --- making containers

    def _prepare(self, plan: Plan, progress: Progress) -> None:
        """Make the containers that are still missing, and keep each one's id at once."""
        parts = [part for part in progress.read().get("parts", "").split(",") if part]
        for form in plan.parts[len(parts) :]:
            parts.append(self._create(form)[0])
            progress.keep(parts=",".join(parts), made=datetime.now(UTC).isoformat())
        for part in parts:
            self._require_ready(self._look(part), plan, progress)
        more = {"children": ",".join(parts)} if parts else {}
        container, address = self._create({**plan.main, **more})
        made = datetime.now(UTC).isoformat()
        progress.keep(container=container, address=address, made=made)

    def _create(self, form: Form) -> tuple[str, str]:
        """Return a new container's id, and where its file is to be sent if that was asked for."""
        answer = self._graph.send("POST", self._wire.create, form=form, changes=False)
        self._check(answer, visible=False)
        body = obj(answer.body)
        if not text(body, "id"):
            raise Transient(f"{self._wire.name}: the answer names no container")
        return text(body, "id"), text(body, "uri")

    def _require_ready(self, look: Look, plan: Plan, progress: Progress) -> None:
        """Raise unless a container can be published, or used as a part, now.

        The place is forgotten only while no container exists that could have been published, or
        when Meta says that this one failed.
        """
        if look.stage is Stage.READY:
            return
        if look.stage is Stage.WORKING:
            until = datetime.now(UTC) + (FILM_PAUSE if plan.slow else PICTURE_PAUSE)
            raise Pending(f"{self._wire.name}: the media are being processed", until=until)
        if look.stage is Stage.PUBLISHED:
            raise OutcomeUnknown(f"{self._wire.name}: somebody else published the container")
        if look.stage is Stage.FAILED or not progress.read().get("container"):
            _forget(progress)
        if look.stage is Stage.FAILED:
            raise Rejected(f"{self._wire.name}: {failure_words(look.reason)}")
        raise Transient(f"{self._wire.name}: a container is {look.stage.value}")

    def _look(self, container: str) -> Look:
        fields = f"id,{self._wire.stage},{self._wire.reason}"
        found = self._graph.read_edge(url_path(container), {"fields": fields})
        if found is None:
            found = self._graph.look([container], fields).get(container)
        if found is None:
            return Look(Stage.EXPIRED)
        try:
            stage = Stage(text(found, self._wire.stage))
        except ValueError:
            raise Transient(f"{self._wire.name}: a container stands unknown to us") from None
        return Look(stage, text(found, self._wire.reason))

    def _send_file(self, container: str, address: str, media: Media) -> None:
        """Send the rest of a file, from the byte on that Meta has not got yet."""
        start = self._arrived(container)
        if start >= media.size:
            return
        place = address or self._wire.upload + url_path(container)
        told = {"offset": str(start), "file_size": str(media.size)}
        with files.raw(media, start=start)() as body:
            answer = self._graph.send_file(place, body, **told)
        self._check(answer, visible=False)

    def _arrived(self, container: str) -> int:
        """Read how many bytes of a container's file have arrived; 0 where that is not told."""
        found = self._graph.read(url_path(container), fields="id,video_status")
        uploading = obj(obj(found.get("video_status")).get("uploading_phase"))
        return max(0, number(uploading, "bytes_transferred"))

    def _check_limit(self) -> None:
        """Raise before anything is made when the posts of 24 hours are used up."""
        answer = self._graph.send("GET", self._wire.limit, params={"fields": "quota_usage,config"})
        self._check(answer, visible=False)
        told = next(iter(objs(obj(answer.body).get("data"))), {})
        total = number(obj(told.get("config")), "quota_total")
        if total and number(told, "quota_usage") >= total:
            until = datetime.now(UTC) + LIMIT_PAUSE
            words = f"{self._wire.name}: 24時間に公開できる件数（{total}件）に達しました"
            raise RateLimited(words, until=until)

    # --- shapes

    def _check(self, answer: Answer, *, visible: bool) -> None:
        problem = publishing_problem(answer, visible=visible, name=self._wire.name)
        if problem:
            raise problem

    def _fields(self) -> str:
        return f"id,{self._wire.words},permalink,timestamp"

    def _published(self, post: Mapping[str, object]) -> Published:
        return Published(
            remote_id=text(post, "id"),
            permalink=text(post, "permalink"),
            text=text(post, self._wire.words),
            published_at=instant(post.get("timestamp")),
        )


def _forget(progress: Progress) -> None:
    progress.keep(container="", parts="", uploaded="", address="", made="")
