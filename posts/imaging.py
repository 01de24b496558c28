"""A picture as every platform takes it, and nothing in it that nobody meant to publish. Pure.

Whatever was uploaded is read by its content, turned upright, freed of all metadata (place, camera,
names) and encoded anew. One file fits them all: JPEG (Instagram takes nothing else), at most 1440
pixels wide (Threads), at most a million bytes (Bluesky; LINE's preview).
"""

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_WIDE, MOST_HIGH = 1440, 1800
MOST_BYTES = 1_000_000
MOST_PIXELS = 60_000_000  # of what is uploaded: beyond it is no photograph but an attack
QUALITIES = (90, 82, 74, 66, 58, 50)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF")
Image.init()  # every reader is known from the start


class NotAPicture(Exception):
    """`str()` says why, in Japanese."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A cleaned picture, ready to be stored."""

    data: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def clean(data: bytes) -> Picture:
    """Return the picture without metadata, upright, in the one form that fits everywhere.

    Raises NotAPicture for what is no picture, is broken, or too large to be opened safely.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise NotAPicture("画像が大きすぎます。縮小してから登録してください。")
                upright = ImageOps.exif_transpose(opened)
                return _encode(_on_white(upright))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPicture("画像が大きすぎます。縮小してから登録してください。") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise NotAPicture("画像として読めませんでした。JPEGかPNGで登録してください。") from error


def _on_white(picture: Image.Image) -> Image.Image:
    """JPEG knows no transparency: what shows through becomes white."""
    if picture.mode in {"RGBA", "LA", "PA", "P"}:
        layered = picture.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return picture.convert("RGB")


def _encode(picture: Image.Image) -> Picture:
    picture.thumbnail((MOST_WIDE, MOST_HIGH), Image.Resampling.LANCZOS)
    while True:
        for quality in QUALITIES:
            written = io.BytesIO()
            picture.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= MOST_BYTES:
                return Picture(written.getvalue(), picture.width, picture.height)
        picture.thumbnail((picture.width * 3 // 4, picture.height * 3 // 4))
