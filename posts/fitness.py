"""What keeps a payload from fitting its platform: form, not content. Pure."""

from jspm_social.platforms.names import Platform

from .payload import POLLS, Payload

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
TITLE = 100  # characters of a video's title


def problems(payload: Payload, *, poll_wanted: bool) -> list[str]:
    """Return why the platform could not take this; [] when it can."""
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
    return found


def _youtube(payload: Payload, videos: int) -> list[str]:
    found = [] if videos == 1 else ["動画が1本必要です。"]
    if not payload.title.strip():
        found.append("動画の題名を入力してください。")
    if len(payload.title) > TITLE:
        found.append(f"動画の題名は{TITLE}文字までです。")
    if any(sign in payload.title + payload.text for sign in "<>"):
        found.append("題名と説明に < と > は使えません。")
    return found
