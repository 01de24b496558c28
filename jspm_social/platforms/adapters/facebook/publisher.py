"""Our own posts on a Facebook Page: text, a link, pictures, or a film.

Facebook has nothing that would keep one posting from going out twice, so our own recent posts are
listed before a sending is repeated; a film is asked for by its id.
"""

from collections.abc import Iterator
from datetime import datetime

from jspm_social.platforms.adapters import lookout
from jspm_social.platforms.adapters.lookout import Likeness
from jspm_social.platforms.adapters.meta import own_posts
from jspm_social.platforms.adapters.meta.errors import error_of
from jspm_social.platforms.adapters.meta.graph import Graph
from jspm_social.platforms.adapters.meta.refusals import DUPLICATE, publishing_problem
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.outgoing import images, videos
from jspm_social.platforms.adapters.reading import number, obj, text
from jspm_social.platforms.contract import ChannelAccess, Receipt
from jspm_social.platforms.errors import (
    Missing,
    OutcomeUnknown,
    PlatformError,
    Unsupported,
)
from jspm_social.platforms.http import Answer, url_path
from jspm_social.platforms.publishing import Progress, Published, PublishRequest

from . import posting
from .client import ORIGIN, VERSION
from .film import Film, Stage
from .own_posts import listed
from .photos import Photos

UPLOAD = "https://graph-video.facebook.com"


class FacebookPublisher:
    """One Page's way out. Implements Publisher."""

    repeatable = False

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._graph = Graph(access, name="Facebook", origin=ORIGIN, version=VERSION, upload=UPLOAD)
        self._page_id = access.account_id

    def publish(self, request: PublishRequest, progress: Progress) -> Published:
        """See Publisher."""
        posting.check(request)
        films = videos(request)
        if films:
            film = Film(self._graph, self._page_id, progress)
            shown = film.publish(request, films[0])
            return self._shown(posting.id_of_film(shown, self._page_id), request)
        photos = Photos(self._graph, self._page_id, progress).deliver(images(request))
        again = bool(progress.read().get("looked"))
        lookout.note_before_sending(progress, self._alike(request, photos))
        form = posting.form_of(request, photos)
        answer = self._graph.send("POST", url_path(self._page_id, "feed"), form=form)
        self._check(answer, again=again)
        remote_id = text(obj(answer.body), "id")
        if not remote_id:
            raise OutcomeUnknown("Facebook: the answer names no post")
        return self._shown(remote_id, request)

    def find(
        self,
        request: PublishRequest,
        progress: Progress,
        *,
        since: datetime,  # noqa: ARG002 - the progress says it more exactly
    ) -> Published | None:
        """See Publisher and lookout."""
        if videos(request):
            return self._find_film(Film(self._graph, self._page_id, progress))
        photos = Photos(self._graph, self._page_id, progress).ids()
        return lookout.find(progress, self._alike(request, photos))

    def read(self, remote_id: str) -> Published:
        """See Publisher. A film that has no post yet is read by its own id."""
        is_post = "_" in remote_id
        fields = posting.POST_FIELDS if is_post else posting.VIDEO_FIELDS
        found = self._graph.look([remote_id], fields).get(remote_id)
        if found is None:
            raise Missing("Facebook: the post is gone")
        return posting.published(found)

    def withdraw(self, remote_id: str) -> Receipt:
        """See Publisher."""
        return own_posts.delete(self._graph, remote_id, name="Facebook")

    # --- looking

    def _alike(self, request: PublishRequest, photos: list[str]) -> lookout.Alike:
        def alike(since: datetime) -> Iterator[tuple[Likeness, Published]]:
            for post in listed(self._graph, self._page_id, since):
                yield posting.compare(post, request, photos), posting.published(post)

        return alike

    def _find_film(self, film: Film) -> Published | None:
        """Ask for the film by its id. Whether it will be shown must be told clearly."""
        stage, video = film.look()
        if stage is Stage.OUT:
            return self.read(posting.id_of_film(video, self._page_id))
        if stage is Stage.WORKING:
            raise film.pending()
        if stage is Stage.UNCLEAR:
            raise Unsupported("Facebookの動画が公開されるかどうかを判別できません")
        return None

    def _shown(self, remote_id: str, request: PublishRequest) -> Published:
        """Return a post that was just published; that it cannot be read yet changes nothing."""
        try:
            return self.read(remote_id)
        except PlatformError:
            return Published(remote_id, f"{posting.SITE}/{remote_id}", request.text)

    def _check(self, answer: Answer, *, again: bool) -> None:
        """Raise what a refusal means. 'A duplicate' may be our own earlier sending."""
        problem = publishing_problem(answer, visible=True, name="Facebook")
        if problem and again and number(error_of(answer), "code") == DUPLICATE:
            raise OutcomeUnknown(problem.detail)
        if problem:
            raise problem
