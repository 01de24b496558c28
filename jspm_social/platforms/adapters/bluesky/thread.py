"""One thread as a flat list. Pure.

A thread is a tree without paging. It is asked for in slices of DEPTH levels, because deeper
JSON than that cannot be parsed safely, and anybody can reply to themselves five hundred times.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jspm_social.platforms.adapters.reading import number, obj, objs, text, texts

DEPTH = 200  # levels below the post that is asked for; the API allows 1000


@dataclass(slots=True)
class Thread:
    """What stood in a thread: posts' views by uri, and uris that are there but not readable.

    `deeper` are uris at the lower edge of the slice that have replies of their own.
    """

    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    deeper: list[str] = field(default_factory=list)
    hidden: frozenset[str] = frozenset()

    @property
    def uris(self) -> set[str]:
        return self.views.keys() | self.blocked

    def add(self, body: Mapping[str, Any]) -> None:
        """Take in one slice: the asked-for post (a node) with all below it."""
        node = obj(body.get("thread"))
        gate = obj(body.get("threadgate")) or obj(obj(node.get("post")).get("threadgate"))
        self.hidden |= frozenset(texts(obj(gate.get("record")).get("hiddenReplies")))
        waiting = [(node, 0)]
        while waiting:
            node, level = waiting.pop()
            if node.get("blocked") is True:
                self.blocked.add(text(node, "uri"))
            view = obj(node.get("post"))
            if not view:
                continue
            self.views[text(view, "uri")] = view
            replies = objs(node.get("replies"))
            waiting += [(reply, level + 1) for reply in replies]
            if level >= DEPTH and not replies and number(view, "replyCount"):
                self.deeper.append(text(view, "uri"))

    def digest(self) -> str:
        """Return a fingerprint of every text, and of what is hidden."""
        lines = sorted(
            f"{uri} {text(view, 'cid')} {uri in self.hidden}" for uri, view in self.views.items()
        )
        return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:16]
