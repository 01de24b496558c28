"""A picture as each platform takes it: as large and as good as it may be there. Pure.

Nothing is cut off: where a platform asks for a shape that the picture does not have, white edges
are added, because our pictures are leaflets and slides with words up to their edges.

Limits, from the platforms' documentation: X images to 5 MB; Facebook to 4 MB (its own error
message), 2,048 pixels; Instagram JPEG to 8 MB, 4:5 to 1.91:1, 1,440 pixels wide; Threads 8 MB,
320 to 1,440 pixels wide; Bluesky 1 MB (its documentation; its schema says 2 MB); Mastodon's
default 16 MB, made smaller than 3,840 x 2,160 by the server; LINE 10 MB, its preview 1 MB.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from jspm_social.platforms.names import Platform

from .imaging import Picture, encode

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Shape:
    """What a picture may be like. `ratios` are width to height, the narrowest and the widest."""

    name: str
    most_bytes: int
    most_wide: int
    most_high: int
    least_wide: int = 0
    ratios: tuple[float, float] | None = None


LARGE = Shape("large", 5 * MB, 4096, 4096)
FACEBOOK = Shape("facebook", 4 * MB, 2048, 2048)
INSTAGRAM = Shape("instagram", 8 * MB, 1440, 1800, least_wide=320, ratios=(4 / 5, 1.91))
THREADS = Shape("threads", 8 * MB, 1440, 14_400, least_wide=320)
BLUESKY = Shape("bluesky", 1 * MB, 2000, 2000)
MASTODON = Shape("mastodon", 8 * MB, 3840, 3840)
PREVIEW = Shape("preview", 1 * MB, 1024, 1024)  # beside LINE's picture, until it is opened

SHAPES: Mapping[Platform, Shape] = {
    Platform.X: LARGE,
    Platform.FACEBOOK: FACEBOOK,
    Platform.INSTAGRAM: INSTAGRAM,
    Platform.THREADS: THREADS,
    Platform.BLUESKY: BLUESKY,
    Platform.MASTODON: MASTODON,
    Platform.LINE: LARGE,
}  # YouTube takes no picture
ALL = (LARGE, FACEBOOK, INSTAGRAM, THREADS, BLUESKY, MASTODON, PREVIEW)


def render(master: bytes, shape: Shape) -> Picture:
    """Return the picture in that shape, as JPEG. `master` is what imaging.clean made."""
    with Image.open(io.BytesIO(master), formats=("JPEG",)) as opened:
        picture = _widened(opened.convert("RGB"), shape)
    wide, high = _padded_size(picture.width, picture.height, shape)
    if (wide, high) != picture.size:
        ground = Image.new("RGB", (wide, high), "white")
        ground.paste(picture, ((wide - picture.width) // 2, (high - picture.height) // 2))
        picture = ground
    return encode(
        picture, most_wide=shape.most_wide, most_high=shape.most_high, most_bytes=shape.most_bytes
    )


def edges_added(width: int, height: int, platform: Platform) -> str:
    """Return where white edges are added there: '左右', '上下' or ''."""
    shape = SHAPES.get(platform)
    if shape is None or not width or not height:
        return ""
    wide, high = _padded_size(width, height, shape)
    return "左右" if wide > width else "上下" if high > height else ""


def _padded_size(width: int, height: int, shape: Shape) -> tuple[int, int]:
    if shape.ratios is None:
        return width, height
    narrowest, widest = shape.ratios
    if width < height * narrowest:
        return -int(-height * narrowest // 1), height
    if width > height * widest:
        return width, -int(-width / widest // 1)
    return width, height


def _widened(picture: Image.Image, shape: Shape) -> Image.Image:
    """Enlarge what is narrower than the platform takes at all."""
    if picture.width >= shape.least_wide:
        return picture
    high = max(1, round(picture.height * shape.least_wide / picture.width))
    return picture.resize((shape.least_wide, high), Image.Resampling.LANCZOS)
