"""A post of ours as a record of Bluesky, and back. Pure.

The record has neither `reply` nor an embedded record: it answers nobody and quotes nobody.
"""

from collections.abc import Mapping
from typing import Any, Final

from jspm_social.platforms.adapters.outgoing import MB, fits, images, offered, videos, within
from jspm_social.platforms.adapters.reading import instant, obj, text
from jspm_social.platforms.counting import measure
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import Media, Published, PublishRequest

from .normalise import POST, permalink_of
from .tid import moment_of

MOST_IMAGES: Final = 4
MOST_ALT: Final = 1_000
IMAGES = {"image/jpeg", "image/png", "image/webp"}
UNITS = {"graphemes": "文字", "bytes": "バイト"}


def check(request: PublishRequest) -> None:
    """Raise Unsupported and Rejected for what Bluesky cannot show as it was approved."""
    offered(not request.title, "Blueskyには投稿の題名がありません")
    offered(not request.poll, "Blueskyには投票がありません")
    offered(
        not (images(request) and videos(request)), "Blueskyでは画像と動画を同時に載せられません"
    )
    hidden = request.card and request.media and request.card.url not in request.text
    offered(not hidden, "Blueskyでは画像・動画とリンクのカードを同時に載せられません")
    within(request.text.strip() or request.media or request.card, "Blueskyに空の投稿はできません")
    length = measure(Platform.BLUESKY, request.text)
    unit = UNITS[length.unit.value]
    within(length.fits, f"Blueskyの本文は{length.limit}{unit}までです（{-length.left}超過）")
    within(len(images(request)) <= MOST_IMAGES, f"Blueskyの画像は{MOST_IMAGES}枚までです")
    within(len(videos(request)) <= 1, "Blueskyの動画は1本までです")
    for medium in images(request):
        fits(medium, mimes=IMAGES, most=1 * MB, name="Bluesky")
    for medium in videos(request):
        fits(medium, mimes={"video/mp4"}, most=300 * MB, name="Bluesky")
    for medium in request.media:
        within(len(medium.alt) <= MOST_ALT, f"Blueskyの代替テキストは{MOST_ALT}文字までです")


def record_of(
    request: PublishRequest, *, rkey: str, facets: list[dict[str, Any]], blobs: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the record of a post whose key is `rkey`; its time is the one within the key."""
    record: dict[str, Any] = {
        "$type": POST,
        "text": request.text,
        "createdAt": moment_of(rkey).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    if request.language:
        record["langs"] = [request.language]
    if facets:
        record["facets"] = facets
    embed = _embed(request, blobs)
    return record | ({"embed": embed} if embed else {})


def _embed(request: PublishRequest, blobs: list[dict[str, Any]]) -> dict[str, Any] | None:
    if videos(request):
        (medium,) = request.media
        return {"$type": "app.bsky.embed.video", "video": blobs[0], **_beside(medium)}
    if request.media:
        shown = [
            {"image": blob, **_beside(medium), "alt": medium.alt}
            for medium, blob in zip(request.media, blobs, strict=True)
        ]
        return {"$type": "app.bsky.embed.images", "images": shown}
    if request.card:
        card = request.card
        external = {"uri": card.url, "title": card.title, "description": card.description}
        return {"$type": "app.bsky.embed.external", "external": external}
    return None


def _beside(medium: Media) -> dict[str, Any]:
    size = {"width": medium.width, "height": medium.height}
    beside: dict[str, Any] = {"alt": medium.alt} if medium.alt else {}
    return beside | ({"aspectRatio": size} if all(size.values()) else {})


def published(uri: str, record: Mapping[str, Any]) -> Published:
    return Published(
        remote_id=uri,
        permalink=permalink_of(uri),
        text=text(obj(record), "text"),
        published_at=instant(record.get("createdAt")),
    )
