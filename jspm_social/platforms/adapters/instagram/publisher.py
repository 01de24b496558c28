"""Instagram: pictures, a series of them, or a film (a reel). By way of a container.

There is no post without a picture or film, no link and no poll. Pictures are fetched from a public
address; a film without one is sent as bytes, with Facebook Login only. Films have no alternative
text. Own posts can be deleted with Facebook Login only.
"""

from datetime import datetime

from jspm_social.platforms.adapters.meta.containers import (
    ContainerPublisher,
    Form,
    Plan,
    Wire,
)
from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.outgoing import (
    MB,
    check_length,
    fits,
    offered,
    public_url,
    videos,
    within,
)
from jspm_social.platforms.contract import ChannelAccess, Receipt
from jspm_social.platforms.errors import Unsupported
from jspm_social.platforms.http import url_path
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import (
    Media,
    MediaKind,
    Progress,
    Published,
    PublishRequest,
)

from .wire import UPLOAD, VERSION, graph_of, has_own_login

MOST_MEDIA = 10
MOST_ALT = 1000
NARROWEST, WIDEST = 4 / 5, 1.91  # width to height
ROUNDING = 0.01


class InstagramPublisher:
    """One account's way out. Implements Publisher."""

    repeatable = False

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._own_login = has_own_login(access)
        self._containers = ContainerPublisher(graph_of(access), wire_of(access))

    def publish(self, request: PublishRequest, progress: Progress) -> Published:
        plan = plan_of(request, takes_bytes=not self._own_login)
        return self._containers.publish(plan, request, progress)

    def find(
        self, request: PublishRequest, progress: Progress, *, since: datetime
    ) -> Published | None:
        return self._containers.find(request, progress, since=since)

    def read(self, remote_id: str) -> Published:
        return self._containers.read(remote_id)

    def withdraw(self, remote_id: str) -> Receipt:
        if self._own_login:
            raise Unsupported(
                "この接続方法では、Instagramの投稿を削除できません。画面で削除してください"
            )
        return self._containers.withdraw(remote_id)


def wire_of(access: ChannelAccess) -> Wire:
    """Return how Instagram calls things, and where this account's are."""
    account = url_path(access.account_id)
    return Wire(
        name="Instagram",
        create=f"{account}/media",
        publish=f"{account}/media_publish",
        own=f"{account}/media",
        limit=f"{account}/content_publishing_limit",
        stage="status_code",
        reason="status",
        words="caption",
        upload=f"{UPLOAD}/ig-api-upload/{VERSION}",
    )


def plan_of(request: PublishRequest, *, takes_bytes: bool) -> Plan:
    """Return the containers a request takes. Pure.

    `takes_bytes` says whether a film may be sent as bytes. Raises Unsupported and Rejected for
    what Instagram cannot show as it was approved.
    """
    offered(request.media, "Instagramの投稿には画像か動画が要ります")
    offered(not request.title, "Instagramの投稿に題名はありません")
    offered(not request.card, "Instagramの投稿にリンクのカードは付けられません")
    offered(not request.poll, "Instagramの投稿に投票は付けられません")
    check_length(Platform.INSTAGRAM, request.text)
    within(len(request.media) <= MOST_MEDIA, f"Instagramの画像・動画は{MOST_MEDIA}個までです")
    caption = {"caption": request.text} if request.text.strip() else {}
    slow = bool(videos(request))
    if len(request.media) > 1:
        parts = tuple(_part(media) for media in request.media)
        return Plan({"media_type": "CAROUSEL", **caption}, parts, slow=slow)
    (media,) = request.media
    if media.kind is MediaKind.IMAGE:
        return Plan({**_picture(media), **caption})
    return _reel(media, caption, takes_bytes=takes_bytes)


def _reel(media: Media, caption: Form, *, takes_bytes: bool) -> Plan:
    _check_film(media)
    reel = {"media_type": "REELS", "share_to_feed": "true", **caption}
    if takes_bytes and media.open is not None and not media.public_url:
        return Plan({**reel, "upload_type": "resumable"}, file=media, slow=True)
    return Plan({**reel, "video_url": public_url(media, "Instagram")}, slow=True)


def _part(media: Media) -> Form:
    if media.kind is MediaKind.IMAGE:
        return {**_picture(media), "is_carousel_item": "true"}
    _check_film(media)
    address = public_url(media, "Instagram")
    return {"media_type": "VIDEO", "video_url": address, "is_carousel_item": "true"}


def _picture(media: Media) -> Form:
    fits(media, mimes={"image/jpeg"}, most=8 * MB, name="Instagram")
    if media.width and media.height:
        ratio = media.width / media.height
        right = NARROWEST - ROUNDING <= ratio <= WIDEST + ROUNDING
        within(right, "Instagramの画像の縦横比は4:5から1.91:1までです")
    within(len(media.alt) <= MOST_ALT, f"Instagramの代替テキストは{MOST_ALT}文字までです")
    alt = {"alt_text": media.alt} if media.alt else {}
    return {"image_url": public_url(media, "Instagram"), **alt}


def _check_film(media: Media) -> None:
    fits(media, mimes={"video/mp4", "video/quicktime"}, most=300 * MB, name="Instagram")
