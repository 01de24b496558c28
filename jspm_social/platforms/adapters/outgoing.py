"""What every publisher asks of a request before the first byte goes out. Pure.

Whatever a platform cannot show as it was approved is refused here, in words for the author.
"""

import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta

from jspm_social.platforms.counting import Part, Unit, measure
from jspm_social.platforms.errors import Rejected, Unsupported
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import Media, MediaKind, PublishRequest

MB = 1_000_000
SKEW = timedelta(minutes=5)  # between the platform's clock and ours


def images(request: PublishRequest) -> tuple[Media, ...]:
    return tuple(m for m in request.media if m.kind is MediaKind.IMAGE)


def videos(request: PublishRequest) -> tuple[Media, ...]:
    return tuple(m for m in request.media if m.kind is MediaKind.VIDEO)


def offered(condition: object, words: str) -> None:
    """Raise Unsupported with `words` unless the platform offers this at all."""
    if not condition:
        raise Unsupported(words)


def within(condition: object, words: str) -> None:
    """Raise Rejected with `words` unless the platform's limits are kept."""
    if not condition:
        raise Rejected(words)


def check_length(platform: Platform, text: str, *, part: Part = Part.TEXT) -> None:
    """Raise Rejected unless the words keep every limit that the platform counts."""
    length = measure(platform, text, part=part)
    counted = _COUNTED.get(length.unit, "文字数")
    where = "題名" if part is Part.TITLE else "本文"
    over = f"上限{length.limit:,}を{-length.left:,}超えています"
    within(length.fits, f"{platform.label}の{where}の{counted}が、{over}")


_COUNTED = {Unit.HASHTAGS: "ハッシュタグ", Unit.MENTIONS: "@", Unit.BYTES: "バイト数"}


def fits(media: Media, *, mimes: Collection[str], most: int, name: str) -> None:
    """Check kind and size of one file."""
    within(media.mime in mimes, f"{name}が受け付けない種類のファイルです（{media.mime}）")
    within(media.size <= most, f"ファイルが大きすぎます（{name}では{most // MB}MBまで）")


def public_url(media: Media, name: str) -> str:
    """Return where the platform fetches the file. It takes no bytes and no plain http."""
    address = media.public_url
    offered(address.startswith("https://"), f"{name}には、公開された https の画像・動画が必要です")
    return address


def same_words(one: str, other: str) -> bool:
    """True for texts that differ in spaces and Unicode form at most: platforms tidy those up."""
    return _tidy(one) == _tidy(other)


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def too_old(moment: datetime | None, since: datetime) -> bool:
    """True when a post cannot be one whose first attempt began at `since`."""
    return moment is not None and moment < since - SKEW
