"""The lexicons of the AT Protocol and of Bluesky, as the models generated from them tell them."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from jspm_social.platforms.sandbox.wire import Request

from .documents import folder, hollow, unknown_fields

CALL = re.compile(r"invoke_(query|procedure)\(\s*'([\w.]+)'")
STRICT = {"strict_string_format": True}  # handles, identifiers and addresses of records too


@cache
def methods() -> dict[str, str]:
    """Return 'query' or 'procedure' for the name of every method."""
    source = (folder("atproto_client") / "namespaces" / "sync_ns.py").read_text("utf-8")
    return {name: kind for kind, name in CALL.findall(source)}


@cache
def models() -> ModuleType:
    hollow("atproto_client")
    return import_module("atproto_client.models")


def lexicon(name: str) -> Any:
    """Return the models of one lexicon, e.g. those of 'app.bsky.feed.post'."""
    return getattr(models(), "".join(part[0].upper() + part[1:] for part in name.split(".")))


def problems(request: Request) -> Iterator[str]:
    name = request.path.removeprefix("/xrpc/")
    kind = methods().get(name)
    if kind is None:
        yield "no such method"
    elif (request.method == "GET") != (kind == "query"):
        yield f"{request.method} for a {kind}"
    elif kind == "query":
        yield from _query(getattr(lexicon(name), "Params", None), request.repeated)
    else:
        yield from _procedure(getattr(lexicon(name), "Data", None), request)


def _query(model: Any, sent: Mapping[str, list[str]]) -> Iterator[str]:
    if model is None:
        yield from (f"{key} is not known" for key in sent)
        return
    fields = {field.alias: str(field.annotation) for field in model.model_fields.values()}
    given: dict[str, Any] = {}
    for key, values in sent.items():
        kind = fields.get(key, "")
        if "List" in kind or "list" in kind:
            given[key] = values
        else:
            given[key] = int(values[0]) if "int" in kind and values[0].isdigit() else values[0]
            if len(values) > 1:
                yield f"{key} is given more than once"
    yield from _wrong(model, given)


def _procedure(model: Any, request: Request) -> Iterator[str]:
    if "json" not in request.headers.get("content-type", ""):
        if request.body and model is None:
            yield "a body where none is asked for"
        return
    if model is None:
        yield "a body where none is asked for"
        return
    body = request.json
    yield from _wrong(model, body)
    if "record" in body:
        yield from _record(body)
    for write in body.get("writes") or ():
        if "value" in write:
            yield from _record({"collection": write.get("collection"), "record": write["value"]})


def _record(body: Mapping[str, Any]) -> Iterator[str]:
    record = body["record"]
    if record.get("$type") != body["collection"]:
        yield f"a record of {record.get('$type')} among those of {body['collection']}"
        return
    yield from _wrong(lexicon(body["collection"]).Record, record)


def _wrong(model: Any, given: Mapping[str, Any]) -> Iterator[str]:
    try:
        yield from unknown_fields(model.model_validate(given, context=STRICT))
    except ValidationError as error:
        for one in error.errors():
            yield f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
