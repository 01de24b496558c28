"""What keeps a payload from fitting its platform: form, not content. Pure."""

from collections.abc import Mapping
from typing import Any

from jspm_social.platforms.counting import Part, Unit, measure_all
from jspm_social.platforms.names import Platform

from .payload import POLLS, Payload

UNITS = {
    Unit.WEIGHTED: "字分（全角は2）",
    Unit.GRAPHEMES: "文字",
    Unit.CHARACTERS: "文字",
    Unit.BYTES: "バイト",
    Unit.UTF16: "文字",
    Unit.EMOJI_BYTES: "文字（絵文字は数倍）",
    Unit.HASHTAGS: "個のハッシュタグ",
    Unit.MENTIONS: "個のメンション",
}

MOST_IMAGES = {
    Platform.X: 4,
    Platform.FACEBOOK: 10,
    Platform.INSTAGRAM: 10,
    Platform.THREADS: 20,
    Platform.BLUESKY: 4,
    Platform.MASTODON: 4,
    Platform.LINE: 4,
    Platform.YOUTUBE: 0,
}
WITH_PICTURE = frozenset({Platform.INSTAGRAM})  # nothing there without one


def problems(
    payload: Payload, *, poll_wanted: bool, limits: Mapping[str, Any] | None = None
) -> list[str]:
    """Return why the platform could not take this; [] when it can. `limits`: see counting."""
    platform = Platform(payload.platform)
    images = [item for item in payload.media if item.kind == "image"]
    videos = [item for item in payload.media if item.kind == "video"]
    found = []
    if not payload.text.strip() and not payload.media:
        found.append("本文がありません。")
    if platform == Platform.YOUTUBE:
        found += _youtube(payload, len(videos))
    elif platform in WITH_PICTURE and not payload.media:
        found.append("画像か動画が必要です。")
    if poll_wanted and platform not in POLLS:
        found.append("アンケートは使えません。")
    if payload.poll and payload.media:
        found.append("アンケートに画像や動画は付けられません。")
    if len(images) > MOST_IMAGES[platform]:
        found.append(f"画像は{MOST_IMAGES[platform]}枚までです。")
    if len(videos) > 1 or (images and videos and platform != Platform.INSTAGRAM):
        found.append("動画は1本だけで、画像と一緒には投稿できません。")
    found += ["代替テキストのない画像があります。" for item in images if not item.alt.strip()][:1]
    return found + _too_long(platform, payload.text, Part.TEXT, limits)


def _too_long(
    platform: Platform, text: str, part: Part, limits: Mapping[str, Any] | None = None
) -> list[str]:
    what = "題名" if part is Part.TITLE else "本文"
    return [
        f"{what}が{-one.left}{UNITS[one.unit]}、上限の{one.limit}を超えています。"
        for one in measure_all(platform, text, part=part, limits=limits)
        if not one.fits
    ]


def _youtube(payload: Payload, videos: int) -> list[str]:
    found = [] if videos == 1 else ["動画が1本必要です。"]
    if not payload.title.strip():
        found.append("動画の題名を入力してください。")
    found += _too_long(Platform.YOUTUBE, payload.title, Part.TITLE)
    if any(sign in payload.title + payload.text for sign in "<>"):
        found.append("題名と説明に < と > は使えません。")
    return found
