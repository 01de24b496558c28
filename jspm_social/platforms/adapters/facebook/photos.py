"""Pictures on their way to a Facebook Page: uploaded unseen, each with its alternative text."""

from datetime import UTC, datetime, timedelta
from typing import Final

from jspm_social.platforms.adapters import files
from jspm_social.platforms.adapters.meta.graph import Graph
from jspm_social.platforms.adapters.meta.refusals import publishing_problem
from jspm_social.platforms.adapters.reading import instant, obj, text
from jspm_social.platforms.errors import Transient
from jspm_social.platforms.http import Answer, url_path
from jspm_social.platforms.publishing import Media, Progress

KEEPS: Final = timedelta(hours=20)  # Facebook forgets a picture that no post shows after a day


class Photos:
    """The pictures of one posting. Keeps `photo0`, `photo1` … and `media_begun`."""

    def __init__(self, graph: Graph, page_id: str, progress: Progress) -> None:
        self._graph, self._progress = graph, progress
        self._path = url_path(page_id, "photos")

    def ids(self) -> list[str]:
        """Return the ids of what was uploaded so far, in the order of the pictures."""
        kept = self._progress.read()
        names = [f"photo{number}" for number in range(len(kept))]
        return [kept[name] for name in names if kept.get(name)]

    def deliver(self, pictures: tuple[Media, ...]) -> list[str]:
        """Upload what is not there yet and return the ids."""
        begun = instant(self._progress.read().get("media_begun"))
        if pictures and (begun is None or datetime.now(UTC) - begun > KEEPS):
            none = {f"photo{number}": "" for number in range(len(pictures))}
            self._progress.keep(media_begun=datetime.now(UTC).isoformat(), **none)
        for number, picture in enumerate(pictures):
            if not self._progress.read().get(f"photo{number}"):
                self._progress.keep(**{f"photo{number}": self._send(picture)})
        return self.ids()

    def _send(self, picture: Media) -> str:
        """Upload one picture, as bytes where we have them, else by its public address."""
        fields = {"published": "false"}
        fields |= {"alt_text_custom": picture.alt} if picture.alt else {}
        answer = self._send_bytes(picture, fields) if picture.open else self._name(picture, fields)
        problem = publishing_problem(answer, visible=False, name="Facebook")
        if problem:
            raise problem
        found = text(obj(answer.body), "id")
        if not found:
            raise Transient("Facebook: an upload without an id")
        return found

    def _send_bytes(self, picture: Media, fields: dict[str, str]) -> Answer:
        with files.form(picture, name="source", fields=fields)() as body:
            return self._graph.send("POST", self._path, upload=body, changes=False)

    def _name(self, picture: Media, fields: dict[str, str]) -> Answer:
        form = {**fields, "url": picture.public_url}
        return self._graph.send("POST", self._path, form=form, changes=False)
