"""A picture as it is kept, and nothing in it that nobody meant to publish. Pure.

Whatever was uploaded is read by its content, turned upright, freed of all metadata (place, camera,
names) and encoded anew, as JPEG (Instagram takes nothing else). What each platform is sent is made
of it (renditions).
"""

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_WIDE, MOST_HIGH = 4096, 14_400
MOST_BYTES = 10_000_000
MOST_PIXELS = 60_000_000  # of what is uploaded: beyond it is no photograph but an attack
QUALITIES = (92, 88, 82, 74, 66, 58, 50)
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
    """Return the picture without metadata, upright, as large as any platform takes it.

    Raises NotAPicture for what is no picture, is broken, or too large to be opened safely.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise NotAPicture("画像が大きすぎます。縮小してから登録してください。")
                upright = ImageOps.exif_transpose(opened)
                return encode(
                    _on_white(upright),
                    most_wide=MOST_WIDE,
                    most_high=MOST_HIGH,
                    most_bytes=MOST_BYTES,
                )
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


def encode(picture: Image.Image, *, most_wide: int, most_high: int, most_bytes: int) -> Picture:
    """Return the picture as JPEG within these limits: as large, then as good, as it can be."""
    picture = picture.copy()
    picture.thumbnail((most_wide, most_high), Image.Resampling.LANCZOS)
    while True:
        for quality in QUALITIES:
            written = io.BytesIO()
            picture.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= most_bytes:
                return Picture(written.getvalue(), picture.width, picture.height)
        picture.thumbnail((picture.width * 3 // 4, picture.height * 3 // 4))
