"""Which films each platform takes, and what it loses of a picture or a film. Pure.

Limits, from the platforms' documentation: X 512 MB and 0.5 to 140 seconds; Threads 1 GB and 300
seconds; Instagram 300 MB (as reels); Bluesky 300 MB; Mastodon's default 99 MB; LINE 200 MB, but it
asks for a picture beside the film, which we have not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from jspm_social.platforms.names import Platform

from .payload import PayloadMedia
from .renditions import edges_added

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class FilmLimit:
    most_bytes: int
    most_seconds: int = 0  # 0: none that we know of


LIMITS = {
    Platform.X: FilmLimit(512 * MB, 140),
    Platform.THREADS: FilmLimit(1_000 * MB, 300),
    Platform.INSTAGRAM: FilmLimit(300 * MB),
    Platform.BLUESKY: FilmLimit(300 * MB),
    Platform.MASTODON: FilmLimit(99 * MB),
}
# Where an alternative text has no place. Meta's films and YouTube's have none; LINE's pictures.
NO_ALT = {
    "image": frozenset({Platform.LINE}),
    "video": frozenset(
        {Platform.FACEBOOK, Platform.INSTAGRAM, Platform.THREADS, Platform.YOUTUBE, Platform.LINE}
    ),
}


def film_problems(platform: Platform, *, size: int, seconds: int) -> Iterator[str]:
    """Say why the platform does not take this film."""
    if platform == Platform.LINE:
        yield (
            "LINEには動画を送れません（表紙の画像が必要なため）。"
            "画像か、動画へのリンクにしてください。"
        )
        return
    limit = LIMITS.get(platform)
    if limit is None:
        return
    if size > limit.most_bytes:
        yield f"{platform.label}の動画は{limit.most_bytes // MB}MBまでです（{-(-size // MB)}MB）。"
    if limit.most_seconds and seconds > limit.most_seconds:
        yield (
            f"{platform.label}の動画は{limit.most_seconds}秒までです（{seconds}秒）。"
            "短くするか、YouTubeに置いてリンクしてください。"
        )


def losses(platform: Platform, item: PayloadMedia, width: int, height: int) -> Iterator[str]:
    """Say what readers there will not get, or will see differently. Nothing that stops a post."""
    if item.alt and platform in NO_ALT.get(item.kind, frozenset()):
        what = "動画" if item.kind == "video" else "画像"
        yield (
            f"{platform.label}では{what}の代替テキストが伝わりません。"
            "大切なことは本文にも書いてください。"
        )
    if item.kind == "image" and (where := edges_added(width, height, platform)):
        yield (
            f"{platform.label}の縦横比の決まり（4:5から1.91:1）に合わせ、"
            f"画像の{where}に余白を足します。切り取りはしません。"
        )
