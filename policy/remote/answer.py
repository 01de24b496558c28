"""Reads a remote judge's answer. Anything but exactly what was asked for is no answer."""

import json
import math
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from .prompt import LONGEST_REASON

_LONGEST = 20_000  # characters of an answer that are looked at


class BadAnswer(ValueError):
    """It is not what was asked for. The message says in what, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class RemoteFinding:
    """A criterion that the remote judge sees, how sure it says it is (0 to 1), and why."""

    criterion: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them; None where it did not say."""

    prompt: int | None
    completion: int | None


def read_completion(body: Any, allowed: Collection[str]) -> tuple[RemoteFinding, ...]:
    """Read the body of an answer from /chat/completions.

    Raises:
        BadAnswer: it is anything else than one message with the JSON that was asked for.
    """
    choices = _field(body, "choices")
    if not isinstance(choices, list) or not choices:
        raise BadAnswer("no choices")
    if _field(choices[0], "finish_reason", None) == "length":
        raise BadAnswer("cut off")
    content = _field(_field(choices[0], "message"), "content")
    if not isinstance(content, str):
        raise BadAnswer("no content")
    return findings(content, allowed)


def findings(content: str, allowed: Collection[str]) -> tuple[RemoteFinding, ...]:
    """Read what the judge wrote: an object with a list of findings, and nothing else.

    Raises:
        BadAnswer: anything else, a criterion that was not asked about, one that is named twice.
    """
    if len(content) > _LONGEST:
        raise BadAnswer("too long")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("no JSON") from error
    if not isinstance(data, dict) or set(data) != {"findings"}:
        raise BadAnswer("not the object that was asked for")
    found = data["findings"]
    if not isinstance(found, list) or len(found) > len(allowed):
        raise BadAnswer("findings are no list of the right length")
    read = tuple(_finding(one, allowed) for one in found)
    if len({one.criterion for one in read}) != len(read):
        raise BadAnswer("a criterion is named twice")
    return read


def usage(body: Any) -> Usage:
    """Tokens, where the answer tells them as whole numbers that can be true."""
    told = body.get("usage") if isinstance(body, dict) else None
    told = told if isinstance(told, dict) else {}
    return Usage(_tokens(told.get("prompt_tokens")), _tokens(told.get("completion_tokens")))


def _finding(one: Any, allowed: Collection[str]) -> RemoteFinding:
    if not isinstance(one, dict) or set(one) != {"criterion", "confidence", "reason"}:
        raise BadAnswer("a finding has other fields")
    criterion, confidence, reason = one["criterion"], one["confidence"], one["reason"]
    if not isinstance(criterion, str) or criterion not in allowed:
        raise BadAnswer("a criterion that was not asked about")
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        raise BadAnswer("a confidence that is no number")
    if not (math.isfinite(confidence) and 0 <= confidence <= 1):
        raise BadAnswer("a confidence outside 0 to 1")
    if not isinstance(reason, str):
        raise BadAnswer("a reason that is no text")
    return RemoteFinding(criterion, float(confidence), _shown(reason))


def _shown(reason: str) -> str:
    """Without controls, lone surrogates and marks of direction, and no longer than asked for."""
    kept = (" " if char.isspace() else char for char in reason)
    clean = "".join(char for char in kept if unicodedata.category(char)[0] != "C")
    return clean.strip()[:LONGEST_REASON]


def _field(body: Any, name: str, *default: Any) -> Any:
    if isinstance(body, dict) and name in body:
        return body[name]
    if default:
        return default[0]
    raise BadAnswer(f"no {name}")


def _tokens(value: Any) -> int | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10_000_000
    return value if fits else None
