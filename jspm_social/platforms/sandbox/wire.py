"""What the sandbox's parts pass to each other: one request, one reply."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

TIME_Z = "%Y-%m-%dT%H:%M:%S.000Z"


@dataclass(frozen=True, slots=True)
class Request:
    """One request below a platform's prefix; `path` is decoded and begins with a slash."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""
    repeated: Mapping[str, list[str]] = field(default_factory=dict)  # the query, all values

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(part for part in self.path.split("/") if part)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def json(self) -> dict[str, Any]:
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def bearer(self) -> str:
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind.lower() == "bearer" else ""

    def limit(self, name: str, *, default: int, most: int) -> int:
        value = self.query.get(name, "")
        return max(1, min(int(value), most)) if value.isdigit() else default


@dataclass(slots=True)
class Reply:
    """One answer; `body` is JSON, or None for an empty one."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    html: str = ""  # instead of JSON, for the page that people read

    def content(self) -> bytes:
        if self.html:
            return self.html.encode("utf-8", "replace")
        return b"" if self.body is None else json.dumps(self.body).encode("ascii")


def page_of(items: list[Any], start: int, size: int) -> tuple[list[Any], str]:
    """Cut a page out of a list; the second value is the next start, '' at the end."""
    following = start + size
    return items[start:following], str(following) if following < len(items) else ""


def form_parts(request: Request) -> dict[str, bytes]:
    """Return the parts of a multipart/form-data body by name, {} for anything else."""
    mark = request.headers.get("content-type", "").partition("boundary=")[2]
    found = {}
    for piece in request.body.split(f"--{mark}".encode())[1:-1] if mark else []:
        head, _, content = piece.partition(b"\r\n\r\n")
        name = head.partition(b'name="')[2].partition(b'"')[0].decode()
        found[name] = content.removesuffix(b"\r\n")
    return found
