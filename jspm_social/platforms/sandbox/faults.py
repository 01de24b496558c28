"""Faults on demand: each matches requests by method and path and is used up by them."""

import fnmatch
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = frozenset(
    {
        "429",
        "quota",  # the plan's quota is used up
        "5xx",
        "timeout_before",  # the connection dies and nothing was done
        "timeout_after",  # it was done, and the connection dies without an answer
        "expired_token",
        "revoked_token",
        "malformed_json",
        "cut_off",
        "cut_upload",  # the first half of the request's body arrives, then the connection dies
        "duplicate",  # the first item of a list stands in it twice
        "slow",
    }
)


@dataclass(slots=True)
class Fault:
    """`match` is 'METHOD /path' with * as wildcard; seconds in `reset_in` and `delay`."""

    platform: str
    match: str
    fault: str
    times: int = 1
    reset_in: float = 60.0
    delay: float = 0.0


class Faults:
    """The faults still to come, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(
        self,
        fault: str,
        *,
        platform: str = "*",
        match: str = "*",
        times: int = 1,
        reset_in: float = 60.0,
        delay: float = 0.0,
    ) -> None:
        """Let the next `times` matching requests go wrong. Raises ValueError for other kinds."""
        if fault not in KINDS:
            raise ValueError(f"unknown fault: {fault}")
        with self._lock:
            self._waiting.append(Fault(platform, match, fault, times, reset_in, delay))

    def add_json(self, body: Mapping[str, Any]) -> None:
        self.add(
            str(body.get("fault", "")),
            platform=str(body.get("platform", "*")),
            match=str(body.get("match", "*")),
            times=int(body.get("times", 1)),
            reset_in=float(body.get("reset_in", 60)),
            delay=float(body.get("delay", 0)),
        )

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, platform: str, method: str, path: str) -> Fault | None:
        """Return the first fault that matches and use it once."""
        with self._lock:
            for fault in self._waiting:
                if fault.platform in {"*", platform} and fnmatch.fnmatchcase(
                    f"{method} {path}", fault.match
                ):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None
