"""Objects of the Graph API, as facebook-business carries them: edges, parameters, fields.

An id does not tell what kind of object it names, so each platform says which kinds its edges
belong to.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jspm_social.platforms.sandbox.wire import Request

from .documents import assigned, folder, form_of, functions

# What every call may carry: how much of a list, which token, which proof of the app.
EVERYWHERE = {"fields", "limit", "after", "before", "since", "until", "access_token"}
EVERYWHERE |= {"appsecret_proof", "ids"}
FILES = {"source"}  # the part of a form that is the file itself: the SDK adds it apart
VERSION = re.compile(r"^/v\d+\.0(?=/)")


class Edge(NamedTuple):
    """A method of an object. `answers` is the kind of what it returns ('' where none is read)."""

    kind: str
    method: str
    answers: str = ""


def problems(request: Request, edges: Mapping[tuple[str, str], tuple[Edge, ...]]) -> Iterator[str]:
    """Check against whichever of the edges fits best: an id may name several kinds of object."""
    if not VERSION.match(request.path):
        yield "no version in the path"
        return
    parts = VERSION.sub("", request.path).strip("/").split("/")
    place = (request.method, parts[1] if len(parts) > 1 else "me" if parts == ["me"] else "")
    fitting = edges.get(place, ())
    if not fitting or len(parts) > 2:
        yield f"no such edge: {place}"
        return
    yield from min((list(_wrong(edge, request)) for edge in fitting), key=len)


def _wrong(edge: Edge, request: Request) -> Iterator[str]:
    source = functions(_module(edge.kind)).get(edge.method)
    if source is None:
        yield f"{edge.kind} has no {edge.method}"
        return
    params = assigned(source, "param_types")
    is_form = "form" in request.headers.get("content-type", "")
    sent = dict(request.query) | (form_of(request) if is_form else request.json)
    for name, value in sent.items():
        plain = name.partition("[")[0]
        if plain not in params.keys() | EVERYWHERE | FILES:
            yield f"{edge.kind}.{edge.method}: {name} is not known"
        elif plain in params:
            yield from _wrong_value(source, name, value, str(params[plain]))
    if "fields" in sent:
        yield from _wrong_fields(edge.answers, str(sent["fields"]))


def _wrong_value(source: str, name: str, value: Any, wanted: str) -> Iterator[str]:
    if wanted == "bool" and str(value).lower() not in {"true", "false"}:
        yield f"{name}={value} is no boolean"
    if wanted in {"int", "unsigned int"} and not str(value).isdigit():
        yield f"{name}={value} is no number"
    single = re.fullmatch(r"(?:list<)?(\w+_enum)>?", wanted)
    if single and (allowed := _enum(source, single[1])):
        values = value if isinstance(value, list) else [value]
        wrong = {str(one) for one in values} - allowed
        yield from (f"{name}={one} is not one of {sorted(allowed)}" for one in sorted(wrong))


def _wrong_fields(kind: str, fields: str) -> Iterator[str]:
    """Check names, and those in braces against the kind of object that the field holds."""
    if "_field_types" not in _module(kind).read_text("utf-8"):
        return  # an object without a kind: the SDK does not say what it holds
    known = field_types(kind)
    for name, inner in _split(fields):
        edge = functions(_module(kind)).get(f"get_{name}", "")
        if edge and (target := re.search(r"target_class=(\w+)", edge)):
            if inner:
                yield from _wrong_fields(target[1], inner)  # an edge, read along with its object
        elif name not in known:
            yield f"{kind} has no field {name}"
        elif inner:
            holds = re.fullmatch(r"(?:list<)?(\w+)>?", known[name])
            if holds and holds[1] != "Object" and _module(holds[1]).exists():
                yield from _wrong_fields(holds[1], inner)


def _split(fields: str) -> Iterator[tuple[str, str]]:
    """Split 'a,b{c,d{e}}' into ('a', '') and ('b', 'c,d{e}')."""
    depth, start = 0, 0
    for place, letter in enumerate(f"{fields},"):
        depth += (letter == "{") - (letter == "}")
        if letter == "," and not depth:
            name, _, inner = fields[start:place].partition("{")
            yield re.sub(r"\..*", "", name), inner[:-1]
            start = place + 1


@cache
def field_types(kind: str) -> dict[str, str]:
    source = _module(kind).read_text("utf-8")
    return {str(k): str(v) for k, v in assigned(_body(source), "_field_types").items()}


def _body(source: str) -> str:
    """Return the assignment of the types alone, so that not all of a large module is parsed."""
    begin = source.index("    _field_types = {")
    return source[begin : source.index("\n    }", begin) + 6].strip()


def _enum(source: str, name: str) -> set[str]:
    """Return the values that a method names for an enum, by itself or in a class of an object."""
    written = assigned(source, "enums").get(name)
    if written:
        return set(written)
    named = re.search(rf"'{name}': (\w+)\.(\w+)\.__dict__", source)
    return _values(named[1], named[2]) if named else set()


@cache
def _values(kind: str, enum: str) -> set[str]:
    source = _module(kind).read_text("utf-8")
    found = re.search(rf"    class {enum}:\n((?:        \w+ = '[^']*'\n)+)", source)
    return set(re.findall(r"'([^']*)'", found[1])) if found else set()


def _module(kind: str) -> Path:
    return folder("facebook_business") / "adobjects" / f"{kind.lower()}.py"
