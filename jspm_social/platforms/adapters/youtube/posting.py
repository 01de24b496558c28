"""A video of ours as YouTube takes it, and as YouTube gives it back. Pure.

Facts: a video is all that the API publishes; what is left out of a status falls back to its
default; "<" and ">" are refused in title and description; a video has no alternative text.
"""

from collections.abc import Mapping
from typing import Any

from jspm_social.platforms.adapters.outgoing import check_length, offered, videos, within
from jspm_social.platforms.adapters.reading import instant, obj, text
from jspm_social.platforms.counting import Part
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import Published, PublishRequest

from .normalise import SITE

EDUCATION = "27"  # YouTube's category for what the society shows
MOST_BYTES = 256 * 1024**3
FAILURES = {
    "codec": "対応していない形式の動画です",
    "conversion": "動画を変換できませんでした",
    "emptyFile": "動画ファイルが空です",
    "invalidFile": "動画ファイルを読み取れません",
    "tooSmall": "動画ファイルが小さすぎます",
    "duplicate": "同じ動画が既にあります",
    "length": "動画が長すぎます",
    "copyright": "著作権の申し立てにより拒まれました",
}


def check(request: PublishRequest) -> None:
    """Raise Unsupported and Rejected for what YouTube cannot show as it was approved."""
    offered(not request.poll, "YouTubeの動画に投票は付けられません")
    offered(not request.card, "YouTubeの動画にリンクのカードは付けられません")
    only_one = len(request.media) == 1 and videos(request)
    offered(only_one, "YouTubeに出せるのは、1本の動画だけです")
    within(request.title.strip(), "YouTubeの動画には題名が要ります")
    check_length(Platform.YOUTUBE, request.title, part=Part.TITLE)
    check_length(Platform.YOUTUBE, request.text)
    plain = not {"<", ">"} & set(request.title + request.text)
    within(plain, "YouTubeの題名と説明文に「<」「>」は使えません")
    (video,) = videos(request)
    within(video.mime.startswith("video/"), "YouTubeが受け付けない種類のファイルです")
    within(0 < video.size <= MOST_BYTES, "YouTubeの動画は256GBまでです")
    offered(video.open, "YouTubeの動画には、ファイルそのものが必要です")


def resource(request: PublishRequest) -> dict[str, Any]:
    """Return what describes the video while it is uploaded: nobody but us sees it yet."""
    snippet = {
        "title": request.title,
        "description": request.text,
        "categoryId": EDUCATION,
        "defaultLanguage": request.language,
        "defaultAudioLanguage": request.language,
    }
    return {"snippet": snippet, "status": status("private")}


def status(privacy: str) -> dict[str, Any]:
    return {
        "privacyStatus": privacy,
        "selfDeclaredMadeForKids": False,
        "embeddable": True,
        "license": "youtube",
        "publicStatsViewable": True,
    }


def is_public(video: Mapping[str, Any]) -> bool:
    return text(obj(video.get("status")), "privacyStatus") == "public"


def upload_status(video: Mapping[str, Any]) -> str:
    return text(obj(video.get("status")), "uploadStatus")


def failure(video: Mapping[str, Any]) -> str:
    """Return in words why YouTube does not take a video."""
    reason = text(obj(video.get("status")), "failureReason", "rejectionReason")
    words = FAILURES.get(reason, "動画が受け付けられませんでした")
    return f"YouTube: {words}（{reason[:40] or upload_status(video)[:40]}）"


def published(video: Mapping[str, Any]) -> Published:
    snippet = obj(video.get("snippet"))
    return Published(
        remote_id=text(video, "id"),
        permalink=f"{SITE}/watch?v={text(video, 'id')}",
        text=text(snippet, "description"),
        published_at=instant(snippet.get("publishedAt")),
    )
