"""LINE's OpenAPI document, as the methods and models generated from it in line-bot-sdk tell it."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from jspm_social.platforms.sandbox.wire import Request

from .documents import folder, functions, hollow

PATH = re.compile(r"'(/[\w/.{}-]+)', '(GET|POST|PUT|DELETE)'")
BODY = re.compile(r"_params\['(\w+_request)'\]")
MODELS = "linebot.v3.messaging.models"


@cache
def operations() -> list[tuple[str, re.Pattern[str], str]]:
    """Return verb, path and the name of the body's module ('' for none) of every method."""
    found = []
    for path in sorted((folder("linebot") / "v3").glob("*/api/*.py")):
        for source in functions(path).values():
            place = PATH.search(source)
            if place:
                body = BODY.search(source)
                pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(place[1])))
                found.append((place[2], pattern, body[1] if body else ""))
    return found


@cache
def model(name: str) -> Any:
    hollow("linebot", "linebot.v3", "linebot.v3.messaging")
    module = import_module(f"{MODELS}.{name}")
    return getattr(module, "".join(part.title() for part in name.split("_")))


def problems(request: Request) -> Iterator[str]:
    fitting = [
        body
        for verb, path, body in operations()
        if verb == request.method and path.fullmatch(request.path)
    ]
    if not fitting:
        yield "no such method"
    elif request.body and not fitting[0]:
        yield "a body where none is asked for"
    elif request.body:
        yield from _wrong_body(fitting[0], request.json)


def _wrong_body(name: str, body: dict[str, Any]) -> Iterator[str]:
    try:
        read = model(name).from_dict(body)
    except (ValueError, KeyError) as error:  # pydantic's own is a ValueError
        yield f"body: {error}"
        return
    yield from _lost(body, read.to_dict(), "body")


def _lost(sent: Any, read: Any, where: str) -> Iterator[str]:
    """Yield what was sent and is not known: the models leave it out."""
    if isinstance(sent, dict) and isinstance(read, dict):
        for key, value in sent.items():
            if key not in read:
                yield f"{where}.{key} is not known"
            else:
                yield from _lost(value, read[key], f"{where}.{key}")
    elif isinstance(sent, list) and isinstance(read, list):
        for one, other in zip(sent, read, strict=False):
            yield from _lost(one, other, f"{where}[]")
