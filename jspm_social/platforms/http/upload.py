"""A request's body that is streamed from an open file: as it is, or as one part of a form.

A video of hundreds of megabytes passes through a few kilobytes of memory.
"""

import io
import secrets
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

from jspm_social.platforms.errors import Rejected

BLOCK: Final = 64 * 1024


class Upload:
    """Exactly `size` bytes from where `stream` stands now. Good for one request.

    The caller opens and closes the stream. A stream that ends early raises Rejected while it is
    sent: the request is broken off, and no platform acts on half a body.
    """

    def __init__(self, stream: BinaryIO, *, size: int, mime: str) -> None:
        self.mime = mime
        self._pieces = [(stream, size)]
        self._size = size

    @classmethod
    def form(
        cls,
        stream: BinaryIO,
        *,
        size: int,
        mime: str,
        name: str,
        filename: str,
        fields: Mapping[str, str] | None = None,
    ) -> "Upload":
        """Return a form (multipart/form-data, RFC 7578): `fields`, then the file as `name`."""
        mark = secrets.token_hex(16)
        head = "".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in (fields or {}).items()
        )
        head += f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"'
        made = cls(stream, size=size, mime=f"multipart/form-data; boundary={mark}")
        made._add_around(f"{head}\r\nContent-Type: {mime}\r\n\r\n", f"\r\n--{mark}--\r\n")
        return made

    def _add_around(self, head: str, tail: str) -> None:
        parts = [text.encode() for text in (head, tail)]
        before, after = ((io.BytesIO(part), len(part)) for part in parts)
        self._pieces = [before, *self._pieces, after]
        self._size += sum(len(part) for part in parts)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read(BLOCK):
            yield block

    def read(self, size: int = BLOCK) -> bytes:
        """Return up to `size` bytes, b"" at the end."""
        while self._pieces:
            stream, left = self._pieces[0]
            if left <= 0:
                del self._pieces[0]
                continue
            block = stream.read(min(size, left) if size >= 0 else left)
            if not block:
                raise Rejected("a file is shorter than it was said to be")
            self._pieces[0] = (stream, left - len(block))
            return block
        return b""
