"""Files on their way to a server: sent whole with their description; videos take it a while.

An upload is seen by nobody before a status names it, so a lost answer only means to do it again.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from jspm_social.platforms.adapters.files import form
from jspm_social.platforms.adapters.reading import obj, text
from jspm_social.platforms.adapters.steps import begin
from jspm_social.platforms.errors import Pending, Rejected, Transient
from jspm_social.platforms.http import Answer
from jspm_social.platforms.publishing import Media, Progress

from .errors import problem_of
from .wire import Wire

KEEPS: Final = timedelta(hours=20)  # a server forgets an unused file after a day
AGAIN: Final = timedelta(seconds=5)
WORKING: Final = {202, 206}
UNKNOWN_ROUTE: Final = {404, 405, 501}
PARTS = ("", "_ready")


class Uploads:
    """The files of one posting, each known by its number in the request."""

    def __init__(self, wire: Wire, progress: Progress) -> None:
        self._wire, self._progress = wire, progress

    def ids(self) -> list[str]:
        """Return the ids of what was uploaded so far, in the order of the files."""
        kept = self._progress.read()
        names = [f"media{number}" for number in range(len(kept))]
        return [kept[name] for name in names if kept.get(name)]

    def deliver(self, media: tuple[Media, ...]) -> list[str]:
        """Upload what is not there yet and return the ids.

        Raises Pending while the server works on one.
        """
        if media:
            names = [f"media{number}{part}" for number in range(len(media)) for part in PARTS]
            begin(self._progress, names, lasts=KEEPS)
        for number, medium in enumerate(media):
            self._deliver(f"media{number}", medium)
        return self.ids()

    def _deliver(self, name: str, medium: Media) -> None:
        kept = self._progress.read()
        if kept.get(f"{name}_ready"):
            return
        if kept.get(name):
            answer = self._wire.send("GET", "media", kept[name])
            _raise(answer)
        else:
            answer = self._send(medium)
            found = text(obj(answer.body), "id")
            if not found:
                raise Transient("Mastodon: an upload without an id")
            self._progress.keep(**{name: found})
        if answer.status in WORKING:
            until = datetime.now(UTC) + AGAIN
            raise Pending("Mastodon: the file is being processed", until=until)
        self._progress.keep(**{f"{name}_ready": "yes"})

    def _send(self, medium: Media) -> Answer:
        fields = {"description": medium.alt} if medium.alt else {}
        body = form(medium, name="file", fields=fields)
        answer = self._wire.send("POST", "media", version="v2", upload=body, changes=False)
        if answer.status in UNKNOWN_ROUTE:  # older servers
            answer = self._wire.send("POST", "media", upload=body, changes=False)
        _raise(answer)
        return answer


def _raise(answer: Answer) -> None:
    if answer.status == 422:
        raise Rejected("このサーバーは画像・動画のファイルを処理できませんでした")
    problem = problem_of(answer, changes=True)
    if problem:
        raise problem
