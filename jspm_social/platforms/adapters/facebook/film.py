"""A film on its way to a Facebook Page: sent in pieces, unseen until the last step.

Facebook says which bytes it wants next. What it wants is kept after every piece, so that the next
attempt goes on from there. Only `finish` shows the film to readers.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final

from jspm_social.platforms.adapters import files
from jspm_social.platforms.adapters.meta.errors import error_of
from jspm_social.platforms.adapters.meta.graph import Graph
from jspm_social.platforms.adapters.meta.refusals import publishing_problem
from jspm_social.platforms.adapters.reading import instant, number, obj, text
from jspm_social.platforms.errors import OutcomeUnknown, Pending, PlatformError, Transient
from jspm_social.platforms.http import Answer, url_path
from jspm_social.platforms.publishing import Media, Progress, PublishRequest

from .posting import VIDEO_FIELDS

OTHER_PLACE: Final = 1363037  # the piece does not begin where Facebook wants it to
PIECES_AT_ONCE: Final = 8  # then the worker's lease begins anew
KEEPS: Final = timedelta(hours=20)  # an upload that is not finished is forgotten after a day
WAIT: Final = timedelta(minutes=1)


class Stage(Enum):
    """How a film was found to stand after it was sent."""

    OUT = "out"
    HELD = "held"  # not finished: nobody sees it
    WORKING = "working"
    FAILED = "failed"
    UNCLEAR = "unclear"


class Film:
    """The one film of a posting. Keeps `session`, `video`, `wanted` ("start-end"), `film_begun`
    and, right before it may be shown, `finishing`.
    """

    def __init__(self, graph: Graph, page_id: str, progress: Progress) -> None:
        self._graph, self._progress = graph, progress
        self._path = url_path(page_id, "videos")

    @property
    def id(self) -> str:
        return self._progress.read().get("video", "")

    def publish(self, request: PublishRequest, media: Media) -> dict[str, Any]:
        """Send what is missing, show the film and return it as it stands.

        An earlier attempt that may have shown it is looked at first. Facebook shows a film by
        itself once it is processed: until then the outcome is unknown, and a look tells it.
        """
        stage, video = self.look()
        if stage is Stage.OUT:
            return video
        if stage is Stage.WORKING:
            raise self.pending()
        if stage is Stage.UNCLEAR:
            raise OutcomeUnknown("Facebook: whether the film will be shown is not told")
        self._send(media)
        self._finish(request)
        stage, video = self._look_after()
        if stage is not Stage.OUT:
            raise OutcomeUnknown("Facebook: the film is shown as soon as it is processed")
        return video

    def _look_after(self) -> tuple[Stage, dict[str, Any]]:
        """Look at a film that was just finished; that it cannot be read yet changes nothing."""
        try:
            return self.look()
        except PlatformError:
            return Stage.UNCLEAR, {}

    def look(self) -> tuple[Stage, dict[str, Any]]:
        """Read how the film stands, and what it looks like.

        A film that was never finished is held for certain; one that failed, or is gone, is
        forgotten, so that the next attempt begins anew.
        """
        if not self._kept("finishing"):
            return Stage.HELD, {}
        found = self._graph.look([self.id], VIDEO_FIELDS).get(self.id)
        stage = Stage.FAILED if found is None else stage_of(found)
        if stage is Stage.FAILED:
            self._progress.keep(film_begun="", finishing="")
        return stage, found or {}

    def pending(self) -> Pending:
        return Pending("Facebook: the film is being processed", until=datetime.now(UTC) + WAIT)

    def _send(self, media: Media) -> None:
        """Send what Facebook has not got yet. Raises Pending while there is more."""
        begun = instant(self._kept("film_begun"))
        if begun is None or datetime.now(UTC) - begun > KEEPS:
            self._begin(media)
        for _ in range(PIECES_AT_ONCE):
            start, end = self._wanted()
            if start >= end:
                return
            self._send_piece(media, start, min(end, media.size))
        raise Pending("Facebook: the film is not yet sent whole", until=datetime.now(UTC))

    def _finish(self, request: PublishRequest) -> None:
        """Show the film to readers, as soon as Facebook is done with it."""
        form = {"upload_phase": "finish", "upload_session_id": self._kept("session")}
        form |= {"description": request.text} if request.text.strip() else {}
        form |= {"title": request.title} if request.title else {}
        self._progress.keep(finishing=datetime.now(UTC).isoformat())
        answer = self._graph.send("POST", self._path, form=form, host="upload")
        problem = publishing_problem(answer, visible=True, name="Facebook")
        if problem and not isinstance(problem, OutcomeUnknown):
            self._progress.keep(finishing="")
        if problem:
            raise problem
        if obj(answer.body).get("success") is not True:
            raise OutcomeUnknown("Facebook: the answer does not say success")

    def _begin(self, media: Media) -> None:
        form = {"upload_phase": "start", "file_size": str(media.size)}
        answer = self._graph.send("POST", self._path, form=form, host="upload", changes=False)
        self._check(answer)
        told = obj(answer.body)
        session, video = text(told, "upload_session_id"), text(told, "video_id")
        if not session or not video:
            raise Transient("Facebook: the answer names no upload")
        begun = datetime.now(UTC).isoformat()
        self._progress.keep(session=session, video=video, wanted=_place(told), film_begun=begun)

    def _send_piece(self, media: Media, start: int, end: int) -> None:
        fields = {
            "upload_phase": "transfer",
            "upload_session_id": self._kept("session"),
            "start_offset": str(start),
        }
        part = files.form(
            media, name="video_file_chunk", fields=fields, start=start, size=end - start
        )
        with part() as body:
            answer = self._graph.send("POST", self._path, upload=body, host="upload", changes=False)
        error = error_of(answer)
        if number(error, "error_subcode") == OTHER_PLACE and error.get("error_data"):
            self._progress.keep(wanted=_place(obj(error.get("error_data"))))
            return
        self._check(answer)
        self._progress.keep(wanted=_place(obj(answer.body)))

    def _wanted(self) -> tuple[int, int]:
        start, _, end = self._kept("wanted").partition("-")
        return int(start), int(end)

    def _kept(self, name: str) -> str:
        return self._progress.read().get(name, "")

    def _check(self, answer: Answer) -> None:
        """Raise what a refusal means, of a step that shows nothing to readers."""
        problem = publishing_problem(answer, visible=False, name="Facebook")
        if problem:
            raise problem


def stage_of(video: Mapping[str, Any]) -> Stage:
    """Read a film's `status`. Pure. What is not told clearly is not guessed."""
    status = obj(video.get("status"))
    uploading, processing, publishing = (
        text(obj(status.get(f"{name}_phase")), "status")
        for name in ("uploading", "processing", "publishing")
    )
    if publishing == "complete":
        return Stage.OUT
    if "error" in {uploading, processing, publishing}:
        return Stage.FAILED
    if uploading in {"not_started", "in_progress"}:
        return Stage.HELD
    return Stage.WORKING if processing == "in_progress" else Stage.UNCLEAR


def _place(told: Mapping[str, Any]) -> str:
    return f"{number(told, 'start_offset')}-{number(told, 'end_offset')}"
