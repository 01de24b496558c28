"""A post of ours as Facebook takes it, and as Facebook gives it back. Pure.

Facts: pictures are uploaded unseen, and one post then shows them all; a film is a post of its own;
a link and pictures exclude each other. A film has no alternative text.
"""

import json
from collections.abc import Mapping
from typing import Any

from jspm_social.platforms.adapters.lookout import Likeness, likeness
from jspm_social.platforms.adapters.outgoing import (
    MB,
    check_length,
    fits,
    images,
    offered,
    public_url,
    same_words,
    videos,
    within,
)
from jspm_social.platforms.adapters.reading import instant, obj, objs, text
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import Published, PublishRequest

SITE = "https://www.facebook.com"
POST_FIELDS = (
    "id,message,created_time,permalink_url,"
    "attachments{type,target{id},subattachments{type,target{id}}}"
)
VIDEO_FIELDS = "id,description,created_time,permalink_url,post_id,status"
PICTURES = {"image/jpeg", "image/png", "image/gif"}
FILMS = {"video/mp4", "video/quicktime"}
MOST_PICTURES, MOST_ALT, MOST_TITLE = 10, 1000, 255
FILES = {"photo", "album", "video_inline", "video"}  # attachments that are files of ours


def check(request: PublishRequest) -> None:
    """Raise Unsupported and Rejected for what Facebook cannot show as it was approved."""
    films, pictures = videos(request), images(request)
    offered(not request.poll, "Facebookページの投稿に投票は付けられません")
    offered(not (films and pictures), "Facebookでは、画像と動画を一緒に出せません")
    offered(
        not request.card or not request.media,
        "Facebookでは、画像・動画とリンクのカードを一緒に出せません",
    )
    offered(not request.title or films, "Facebookの題名は動画にだけ付けられます")
    words = request.text.strip() or request.card or request.media
    within(words, "Facebookに空の投稿はできません")
    within(len(films) <= 1, "Facebookの動画は1つの投稿に1本です")
    check_length(Platform.FACEBOOK, request.text)
    within(len(request.title) <= MOST_TITLE, f"Facebookの動画の題名は{MOST_TITLE}文字までです")
    within(len(pictures) <= MOST_PICTURES, f"Facebookの画像は{MOST_PICTURES}枚までです")
    for picture in pictures:
        fits(picture, mimes=PICTURES, most=10 * MB, name="Facebook")
        if picture.open is None:
            public_url(picture, "Facebook")
        within(len(picture.alt) <= MOST_ALT, f"Facebookの代替テキストは{MOST_ALT}文字までです")
    for film in films:
        fits(film, mimes=FILMS, most=10_000 * MB, name="Facebook")
        offered(film.open, "Facebookの動画には、ファイルそのものが必要です")


def form_of(request: PublishRequest, photos: list[str]) -> dict[str, str]:
    """Return what creates the post; `photos` are the ids of what was uploaded for it."""
    form = {"message": request.text} if request.text.strip() else {}
    if request.card:
        form["link"] = request.card.url
    for number, photo in enumerate(photos):
        form[f"attached_media[{number}]"] = json.dumps({"media_fbid": photo})
    return form


def compare(post: Mapping[str, Any], request: PublishRequest, photos: list[str]) -> Likeness:
    """Say whether a post of ours is the one of `request`."""
    return likeness(
        words=same_words(text(post, "message"), request.text),
        media=(files_of(post), photos),
        poll=True,
        known_ids=False,
    )


def files_of(post: Mapping[str, Any]) -> list[str]:
    """Return the ids of the pictures and films that a post shows."""
    found = []
    for attachment in objs(obj(post.get("attachments")).get("data")):
        parts = objs(obj(attachment.get("subattachments")).get("data")) or [attachment]
        shown = [part for part in parts if text(part, "type") in FILES]
        found += [text(obj(part.get("target")), "id") for part in shown]
    return found


def published(post: Mapping[str, Any]) -> Published:
    """Read a post, or a film, whose words are its description."""
    address = text(post, "permalink_url")
    return Published(
        remote_id=text(post, "id"),
        permalink=address if address.startswith("https://") or not address else SITE + address,
        text=text(post, "message", "description"),
        published_at=instant(post.get("created_time")),
    )


def id_of_film(video: Mapping[str, Any], page_id: str) -> str:
    """Return the id of a film's post, which its comments stand under; the film's own id while
    Facebook does not tell that.
    """
    post_id = text(video, "post_id")
    whole = post_id if not post_id or "_" in post_id else f"{page_id}_{post_id}"
    return whole or text(video, "id")
