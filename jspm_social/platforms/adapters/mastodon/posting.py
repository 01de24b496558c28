"""A post of ours as a server takes it, and as it gives it back. Pure.

Facts: `scheduled_at` is never sent (some servers publish at once all the same); a status comes
back as HTML, where line breaks are tags and a mention may have lost its host; a file keeps its id
on most servers.
"""

import re
import unicodedata
from collections.abc import Mapping
from html import unescape
from typing import Any

import regex

from jspm_social.platforms.adapters.lookout import Likeness, likeness
from jspm_social.platforms.adapters.outgoing import (
    fits,
    images,
    offered,
    videos,
    within,
)
from jspm_social.platforms.adapters.reading import instant, obj, objs, text, texts
from jspm_social.platforms.counting import measure
from jspm_social.platforms.counting.mastodon import without_hosts
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import Poll, Published, PublishRequest

from .instance import usual_for
from .markup import text_of
from .normalise import key_of

IMAGES = {"image/jpeg", "image/png", "image/gif", "image/webp"}
VIDEOS = {"video/mp4", "video/quicktime", "video/webm"}

_TAG = re.compile(r"<[^>]*>")
_MARKS = regex.compile(r"[\s\p{P}\p{Sm}\p{Sk}]+")


def check(request: PublishRequest, told: Mapping[str, Any]) -> None:
    """Raise Unsupported and Rejected for what this server cannot show as it was approved."""
    limits = usual_for(told)
    offered(not request.title, "Mastodonには投稿の題名がありません")
    card = request.card
    offered(not card or card.url in request.text, "Mastodonではリンクを本文に書いてください")
    both = request.poll and request.media
    offered(not both, "Mastodonでは投票と画像・動画を同時に載せられません")
    both = images(request) and videos(request)
    offered(not both, "Mastodonでは画像と動画を同時に載せられません")
    within(request.text.strip() or request.media, "Mastodonに空の投稿はできません")
    length = measure(Platform.MASTODON, request.text, limits=told)
    within(length.fits, f"本文はこのサーバーの上限{length.limit}文字を{-length.left}超えています")
    within(len(videos(request)) <= 1, "Mastodonの動画は1本までです")
    most = limits["media"]
    within(len(request.media) <= most, f"このサーバーでは画像は{most}枚までです")
    _check_files(request, limits, frozenset(texts(told.get("mimes"))))
    if request.poll:
        within(request.text.strip(), "Mastodonの投票には本文が必要です")
        _check_poll(request.poll, limits)


def _check_files(request: PublishRequest, limits: Mapping[str, int], mimes: frozenset[str]) -> None:
    for medium in images(request):
        fits(medium, mimes=mimes or IMAGES, most=limits["image_bytes"], name="このサーバー")
    for medium in videos(request):
        fits(medium, mimes=mimes or VIDEOS, most=limits["video_bytes"], name="このサーバー")
    most = limits["alt_characters"]
    short = all(len(medium.alt) <= most for medium in request.media)
    within(short, f"このサーバーの代替テキストは{most}文字までです")


def _check_poll(poll: Poll, limits: Mapping[str, int]) -> None:
    most = limits["poll_options"]
    within(2 <= len(poll.options) <= most, f"このサーバーの投票の選択肢は2〜{most}個です")
    longest = limits["poll_option_characters"]
    short = all(option.strip() and len(option) <= longest for option in poll.options)
    within(short, f"このサーバーの投票の選択肢は、それぞれ1〜{longest}文字です")
    least, most = limits["poll_seconds_least"], limits["poll_seconds_most"]
    within(
        least <= poll.runs.total_seconds() <= most,
        f"このサーバーの投票の期間は{least // 60}分〜{most // 86_400}日です",
    )


def body_of(request: PublishRequest, media_ids: list[str]) -> dict[str, Any]:
    """Return what creates the status, for everybody. No field here could answer or quote."""
    body: dict[str, Any] = {"status": request.text, "visibility": "public"}
    if request.language:
        body["language"] = request.language
    if media_ids:
        body["media_ids"] = media_ids
    if request.poll:
        seconds = int(request.poll.runs.total_seconds())
        body["poll"] = {"options": list(request.poll.options), "expires_in": seconds}
    return body


def published(status: Mapping[str, Any], source: str = "") -> Published:
    """Return a status of ours; `source` is its text as it was written, where the server tells."""
    return Published(
        remote_id=key_of(status),
        permalink=text(status, "url", "uri"),
        text=source or text_of(text(status, "content")),
        published_at=instant(status.get("created_at")),
    )


def compare(status: Mapping[str, Any], request: PublishRequest, ours: list[str]) -> Likeness:
    """Say whether a status of ours is the one of `request`, whose uploaded files are `ours`.

    Files with other descriptions are others. The same words with the same descriptions under
    other ids are in doubt, and so are they where a file or the poll is missing.
    """
    files, options = objs(status.get("media_attachments")), _options_of(status)
    alts, wanted = [text(file, "description") for file in files], [m.alt for m in request.media]
    words, poll = (
        _has_words(status, request.text),
        list(request.poll.options if request.poll else ()),
    )
    found = likeness(
        words=words,
        media=([_name_of(file, ours) for file in files], ours),
        poll=options == poll,
        known_ids=alts != wanted,
    )
    less = alts == wanted[: len(alts)] and options in ([], poll)
    left_out = words and less and not is_whole(status, request)
    return Likeness.DOUBT if left_out else found


def is_whole(status: Mapping[str, Any], request: PublishRequest) -> bool:
    """True when nothing was left out; some servers pass over a poll without a word."""
    files = objs(status.get("media_attachments"))
    wanted = list(request.poll.options) if request.poll else []
    return len(files) == len(request.media) and _options_of(status) == wanted


def _options_of(status: Mapping[str, Any]) -> list[str]:
    return [text(option, "title") for option in objs(obj(status.get("poll")).get("options"))]


def _name_of(file: Mapping[str, Any], ours: list[str]) -> str:
    """Return the id that a file was uploaded under: its own, or (snac) the end of its address."""
    end = text(file, "url").rpartition("/")[2]
    return end if end in ours else text(file, "id")


def _has_words(status: Mapping[str, Any], words: str) -> bool:
    """Compare the letters alone: servers tidy up white space, marks, and what looks like a tag."""
    shown = {_letters(text(status, "text")), _letters(_plain(text(status, "content")))}
    return bool({_letters(words), _letters(_plain(words))} & (shown - {""})) or (
        not words.strip() and shown == {""}
    )


def _plain(html: str) -> str:
    return unescape(_TAG.sub("", re.sub(r"<br\b|</p>", r" \g<0>", html)))


def _letters(words: str) -> str:
    """Leave out what servers change; of words without any letter, only white space."""
    bare = without_hosts(unicodedata.normalize("NFC", words))
    return _MARKS.sub("", bare) or "".join(bare.split())
