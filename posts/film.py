"""Films: recognised by content, and freed of the place and names that a phone writes into them.

An MP4 file is a tree of boxes, each with its length and a four-letter name (ISO/IEC 14496-12). What
the camera notes about place and person stands in `udta` and `meta` boxes; renaming those to `free`
(empty space) removes them without moving a single byte of the pictures.
"""

from collections.abc import Iterator
from typing import BinaryIO

MOST_BYTES = 512 * 1024 * 1024  # X takes no more
BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "}
)
NOTES = frozenset({b"udta", b"meta"})
NESTED = frozenset({b"moov", b"trak"})
CHUNK = 1024 * 1024


class NotAFilm(Exception):
    """`str()` says why, in Japanese."""


def check(stream: BinaryIO, size: int) -> None:
    """Raise NotAFilm for what is no MP4, or larger than any platform takes."""
    if size > MOST_BYTES:
        raise NotAFilm("動画は512MBまでです。")
    stream.seek(0)
    head = stream.read(12)
    if len(head) < 12 or head[4:8] != b"ftyp" or head[8:12] not in BRANDS:
        raise NotAFilm("動画として読めませんでした。MP4（H.264）で登録してください。")


def strip_notes(stream: BinaryIO, size: int) -> int:
    """Blank the boxes that hold metadata, in place. Returns how many.

    Raises NotAFilm when the boxes do not fit into one another.
    """
    places = list(_notes(stream, 0, size))
    for start, end in places:
        stream.seek(start + 4)
        stream.write(b"free")
        _blank(stream, start + 8, end)
    return len(places)


def seconds_of(stream: BinaryIO, size: int) -> int:
    """Return how long the film lasts, rounded up, as its header (`mvhd`) says; 0 for no header."""
    for name, _, body, end in _boxes(stream, 0, size):
        if name == b"moov":
            for inner, _, header, _ in _boxes(stream, body, end):
                if inner == b"mvhd":
                    return _header_seconds(stream, header)
    return 0


def _header_seconds(stream: BinaryIO, header: int) -> int:
    stream.seek(header)
    head = stream.read(32)
    times_are_long = head[:1] == b"\x01"  # version 1: 8 bytes instead of 4
    scale, length = (head[20:24], head[24:32]) if times_are_long else (head[12:16], head[16:20])
    unit = int.from_bytes(scale)
    return -(-int.from_bytes(length) // unit) if unit else 0


def _notes(stream: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int]]:
    for name, first, body, last in _boxes(stream, start, end):
        if name in NOTES:
            yield first, last
        elif name in NESTED:
            yield from _notes(stream, body, last)


def _boxes(stream: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """The boxes side by side in a place: name, where each begins, where its body does, its end."""
    while start + 8 <= end:
        stream.seek(start)
        head = stream.read(16)
        length, name, body = int.from_bytes(head[:4]), head[4:8], start + 8
        if length == 1:  # a long box: its length stands after the name
            length, body = int.from_bytes(head[8:16]), start + 16
        elif length == 0:  # to the end of the file
            length = end - start
        if length < body - start or start + length > end:
            raise NotAFilm("動画のファイルが壊れています。")
        yield name, start, body, start + length
        start += length


def _blank(stream: BinaryIO, start: int, end: int) -> None:
    stream.seek(start)
    while start < end:
        written = min(CHUNK, end - start)
        stream.write(bytes(written))
        start += written
