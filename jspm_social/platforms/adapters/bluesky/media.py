"""Files on their way to Bluesky: pictures as blobs, videos through the network's video service.

A blob is seen by nobody before a record names it, so a lost answer only means to do it again. The
server forgets an unused one after some hours.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from jspm_social.platforms.adapters.files import raw
from jspm_social.platforms.adapters.reading import obj, text
from jspm_social.platforms.adapters.steps import begin
from jspm_social.platforms.errors import AuthExpired, Pending, Rejected, Transient
from jspm_social.platforms.http import Answer
from jspm_social.platforms.publishing import Media, MediaKind, Progress

from .errors import problem_of
from .session import Session

KEEPS: Final = timedelta(hours=1)
AGAIN: Final = timedelta(seconds=5)
TOKEN_LASTS: Final = timedelta(minutes=30)
UPLOAD = "com.atproto.repo.uploadBlob"
PARTS = ("", "_job")


class Blobs:
    """The files of one posting, each known by its number in the request."""

    def __init__(self, session: Session, did: str, progress: Progress) -> None:
        self._session, self._did, self._progress = session, did, progress

    def deliver(self, media: tuple[Media, ...]) -> list[dict[str, Any]]:
        """Upload what is not there yet and return the blobs, in the order of the files.

        Raises Pending while the video service works on one.
        """
        if media:
            names = [f"blob{number}{part}" for number in range(len(media)) for part in PARTS]
            begin(self._progress, names, lasts=KEEPS)
        return [self._blob(f"blob{number}", medium) for number, medium in enumerate(media)]

    def _blob(self, name: str, medium: Media) -> dict[str, Any]:
        kept = self._progress.read().get(name)
        if kept:
            return obj(json.loads(kept))
        video = medium.kind is MediaKind.VIDEO
        blob = self._video(f"{name}_job", medium) if video else self._image(medium)
        self._progress.keep(**{name: json.dumps(blob)})
        return blob

    def _image(self, medium: Media) -> dict[str, Any]:
        answer = self._session.call("POST", UPLOAD, upload=raw(medium), changes=False)
        _raise(answer)
        return _given(obj(answer.body))

    def _video(self, name: str, medium: Media) -> dict[str, Any]:
        job = self._progress.read().get(name)
        if not job:
            status = self._send_video(medium)
            job = text(status, "jobId")
            if not job:
                raise Transient("Bluesky: the video service named no job")
            self._progress.keep(**{name: job})
            if text(status, "state") == "JOB_STATE_COMPLETED" and status.get("blob"):
                return _given(status)
        params = {"jobId": job}
        answer = self._session.video("GET", "app.bsky.video.getJobStatus", params=params)
        _raise_for_video(answer)
        status = _status(answer)
        state = text(status, "state")
        if state == "JOB_STATE_FAILED":
            raise Rejected(f"Blueskyがこの動画を受け付けませんでした {text(status, 'error')[:60]}")
        if state != "JOB_STATE_COMPLETED" or not status.get("blob"):
            raise Pending("Bluesky: the video is being processed", until=datetime.now(UTC) + AGAIN)
        return _given(status)

    def _send_video(self, medium: Media) -> dict[str, Any]:
        """Send the whole file, with a token that lets the service store the result with us."""
        token = self._service_token()
        params = {"did": self._did, "name": f"{medium.sha256[:24]}.mp4"}
        answer = self._session.video(
            "POST", "app.bsky.video.uploadVideo", params=params, token=token, upload=raw(medium)
        )
        status = _status(answer)
        if answer.status == 409 and not status:
            raise Transient("Bluesky: the video service's answer is not readable")
        if text(status, "error") != "already_exists":
            _raise_for_video(answer)
        return status

    def _service_token(self) -> str:
        lasts = int((datetime.now(UTC) + TOKEN_LASTS).timestamp())
        params = {"aud": self._session.server_did(), "lxm": UPLOAD, "exp": str(lasts)}
        answer = self._session.call("GET", "com.atproto.server.getServiceAuth", params=params)
        _raise(answer)
        return text(obj(answer.body), "token")


def _status(answer: Answer) -> dict[str, Any]:
    """Return the job's status: within `jobStatus` by the lexicon, bare where it exists already."""
    body = obj(answer.body)
    return obj(body.get("jobStatus")) or body


def _given(source: dict[str, Any]) -> dict[str, Any]:
    blob = obj(source.get("blob"))
    if not blob:
        raise Transient("Bluesky: an upload without a blob")
    return blob


def _raise_for_video(answer: Answer) -> None:
    """Its token is made for each file: a refusal says nothing about the channel's own."""
    problem = problem_of(answer)
    if isinstance(problem, AuthExpired):
        raise Transient(f"{problem.detail}: the video service does not accept the token")
    if problem:
        raise problem


def _raise(answer: Answer) -> None:
    problem = problem_of(answer)
    if problem:
        raise problem
