"""The bytes of a medium that goes out, opened for one request and closed after it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO, TypeAlias

from jspm_social.platforms.errors import Rejected
from jspm_social.platforms.http import Upload
from jspm_social.platforms.publishing import Media

Opener: TypeAlias = Callable[[], AbstractContextManager[Upload]]
"""Makes a body anew, so that a request can be sent again after a token was renewed."""

SUFFIXES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}


def raw(media: Media, *, start: int = 0, size: int | None = None) -> Opener:
    """Return the file, or `size` bytes of it from `start` on, as a body."""

    @contextmanager
    def opener() -> Iterator[Upload]:
        with _opened(media, start) as stream:
            whole = media.size - start if size is None else size
            yield Upload(stream, size=whole, mime=media.mime)

    return opener


def form(
    media: Media, *, name: str, fields: Mapping[str, str], start: int = 0, size: int | None = None
) -> Opener:
    """Return a form with the file, or `size` bytes of it from `start` on, as the part `name`."""

    @contextmanager
    def opener() -> Iterator[Upload]:
        with _opened(media, start) as stream:
            yield Upload.form(
                stream,
                size=media.size - start if size is None else size,
                mime=media.mime,
                name=name,
                filename=f"file.{SUFFIXES.get(media.mime, 'bin')}",
                fields=fields,
            )

    return opener


@contextmanager
def _opened(media: Media, start: int) -> Iterator[BinaryIO]:
    if media.open is None:
        raise Rejected("ファイルの中身がありません")
    with media.open() as stream:
        stream.seek(start)
        yield stream
