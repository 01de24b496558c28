"""A post of ours as X takes it, and as X gives it back. Pure.

Facts: X replaces every address by a t.co one and tells the address behind it; it adds one for the
pictures; a file keeps its id, which ends its media key; media and poll exclude each other.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from jspm_social.platforms.adapters.lookout import Likeness, likeness
from jspm_social.platforms.adapters.outgoing import (
    MB,
    fits,
    images,
    offered,
    same_words,
    videos,
    within,
)
from jspm_social.platforms.adapters.reading import instant, obj, objs, text, texts
from jspm_social.platforms.counting import measure
from jspm_social.platforms.counting.urls import x_urls
from jspm_social.platforms.http import Answer
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import Poll, Published, PublishRequest

from . import normalise

MOST_IMAGES, MOST_ALT = 4, 1_000
IMAGES = {"image/jpeg", "image/png", "image/webp"}
POLL_OPTIONS, POLL_OPTION = range(2, 5), 25
POLL_RUNS = (timedelta(minutes=5), timedelta(days=7))
FIELDS = {
    "post.fields": "created_at,attachments,note_post,entities",
    "expansions": "author_id,edit_history_post_ids,attachments.media_keys,attachments.poll_ids",
    "media.fields": "type,alt_text",
    "poll.fields": "options",
}


def check(request: PublishRequest, limits: Mapping[str, Any]) -> None:
    """Raise Unsupported and Rejected for what X cannot show as it was approved."""
    offered(not request.title, "Xには投稿の題名がありません")
    card = request.card
    offered(not card or card.url in request.text, "Xではリンクを本文に書いてください")
    offered(not (request.poll and request.media), "Xでは投票と画像・動画を同時に載せられません")
    offered(not (images(request) and videos(request)), "Xでは画像と動画を同時に載せられません")
    within(request.text.strip() or request.media, "Xに空の投稿はできません")
    length = measure(Platform.X, request.text, limits=limits)
    within(length.fits, f"Xの文字数を{-length.left}超えています")
    within(len(images(request)) <= MOST_IMAGES, f"Xの画像は{MOST_IMAGES}枚までです")
    within(len(videos(request)) <= 1, "Xの動画は1本までです")
    for medium in images(request):
        fits(medium, mimes=IMAGES, most=5 * MB, name="X")
    for medium in videos(request):
        fits(medium, mimes={"video/mp4", "video/quicktime"}, most=512 * MB, name="X")
    for medium in request.media:
        within(len(medium.alt) <= MOST_ALT, f"Xの代替テキストは{MOST_ALT}文字までです")
    if request.poll:
        _check_poll(request.poll)


def _check_poll(poll: Poll) -> None:
    within(len(poll.options) in POLL_OPTIONS, "Xの投票の選択肢は2〜4個です")
    short = all(len(option.strip()) > 0 and len(option) <= POLL_OPTION for option in poll.options)
    within(short, f"Xの投票の選択肢は、それぞれ1〜{POLL_OPTION}文字です")
    within(POLL_RUNS[0] <= poll.runs <= POLL_RUNS[1], "Xの投票の期間は5分〜7日です")


def body_of(request: PublishRequest, media_ids: list[str]) -> dict[str, Any]:
    """Return what creates the post. There is no field here that could answer or quote."""
    body: dict[str, Any] = {"text": request.text} if request.text else {}
    if media_ids:
        body["media"] = {"media_ids": media_ids}
    if request.poll:
        minutes = int(request.poll.runs.total_seconds() // 60)
        body["poll"] = {"options": list(request.poll.options), "duration_minutes": minutes}
    return body


def is_duplicate(answer: Answer) -> bool:
    """True when X refuses words that went out a moment ago. It has no problem type for that."""
    detail = text(obj(answer.body), "detail")
    return answer.status == 403 and "duplicate content" in detail.lower()


def published(tweet: Mapping[str, Any]) -> Published:
    found = normalise.post_ref(tweet)
    return Published(
        remote_id=found.remote_id,
        permalink=found.permalink,
        text=words_of(tweet),
        published_at=instant(tweet.get("created_at")),
    )


def words_of(tweet: Mapping[str, Any]) -> str:
    """Return the text with the addresses that were written, and none for pictures at its end."""
    words = normalise.full_text(tweet)
    for address in _addresses(tweet):
        short, long = text(address, "url"), text(address, "expanded_url")
        if not short or not long:
            continue
        if text(address, "media_key") or text(address, "display_url").startswith("pic."):
            words = words.removesuffix(short).rstrip()
        else:
            words = words.replace(short, long)
    return words


def _addresses(tweet: Mapping[str, Any]) -> list[dict[str, Any]]:
    long = obj(tweet.get("note_post")) or obj(tweet.get("note_tweet"))
    return [a for source in (tweet, long) for a in objs(obj(source.get("entities")).get("urls"))]


def compare(
    tweet: Mapping[str, Any],
    polls: Mapping[str, list[str]],
    request: PublishRequest,
    ours: list[str],
) -> Likeness:
    """Say whether a post of ours is the one of `request`; `ours` are the keys of its files.

    `polls` holds the options of the polls that stand beside the posts, by id.
    """
    attached = obj(tweet.get("attachments"))
    theirs = [_end_of(key) for key in texts(attached.get("media_keys"))]
    found = [option for key in texts(attached.get("poll_ids")) for option in polls.get(key, [])]
    return likeness(
        words=same_words(_bare(words_of(tweet)), _bare(request.text)),
        media=(theirs, [_end_of(key) for key in ours]),
        poll=found == list(request.poll.options if request.poll else ()),
        known_ids=True,
    )


def _end_of(key: str) -> str:
    """Return the id within a media key, whose beginning says what kind of file it is."""
    return key.rpartition("_")[2]


def polls_of(body: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the options of every poll that stands beside the data of an answer."""
    found = objs(obj(body.get("includes")).get("polls"))
    return {text(poll, "id"): _labels(objs(poll.get("options"))) for poll in found}


def _labels(options: Iterable[Mapping[str, Any]]) -> list[str]:
    return [text(option, "label") for option in options]


def _bare(words: str) -> str:
    """Write every address without what X adds or changes: scheme, case of the host, last slash."""
    words = unicodedata.normalize("NFC", words)
    parts, place = [], 0
    for start, end in x_urls(words):
        address = words[start:end]
        rest = address.partition("://")[2] or address
        host, slash, path = rest.partition("/")
        parts += [words[place:start], (host.lower() + slash + path).rstrip("/")]
        place = end
    return "".join([*parts, words[place:]])
