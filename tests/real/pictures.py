"""A picture that every server can read."""

import hashlib
import io
import struct
import zlib

from jspm_social.platforms.publishing import Media, MediaKind


def grey_pixel() -> bytes:
    """A PNG of one grey pixel."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checked = name + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"IDAT", zlib.compress(b"\x00\x80"))
        + chunk(b"IEND", b"")
    )


def png(alt: str) -> Media:
    content = grey_pixel()
    return Media(
        kind=MediaKind.IMAGE,
        mime="image/png",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        alt=alt,
        width=1,
        height=1,
        open=lambda: io.BytesIO(content),
    )
