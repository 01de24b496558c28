"""YouTube's discovery document, as google-api-python-client carries it."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jspm_social.platforms.sandbox.wire import Request

from .documents import folder

DOCUMENT = "discovery_cache/documents/youtube.v3.json"
KINDS = {"string": str, "boolean": bool, "integer": int, "number": int | float, "object": dict}


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder("googleapiclient") / DOCUMENT).read_text("utf-8"))
    return found


@cache
def methods() -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    """Return verb, path and description of every method; uploads have paths of their own."""
    found = []
    waiting = [document()]
    while waiting:
        resource = waiting.pop()
        waiting += resource.get("resources", {}).values()
        for method in resource.get("methods", {}).values():
            uploads = method.get("mediaUpload", {}).get("protocols", {}).values()
            paths = ["/" + method.get("flatPath", method["path"]), *(u["path"] for u in uploads)]
            for path in paths:
                pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))
                found.append((method["httpMethod"], pattern, method))
    return found


def problems(request: Request) -> Iterator[str]:
    fitting = [
        method
        for verb, path, method in methods()
        if verb == request.method and path.fullmatch(request.path)
    ]
    if not fitting:
        yield "no such method"
        return
    method = fitting[0]
    params = document()["parameters"] | method.get("parameters", {})
    for name, spec in params.items():
        if spec.get("required") and spec["location"] == "query" and name not in request.repeated:
            yield f"{name} is missing"
    for name, values in request.repeated.items():
        if name not in params:
            yield f"{name} is not known"
        else:
            yield from _wrong(name, values, params[name])
    if request.body and "request" in method:
        schema = document()["schemas"][method["request"]["$ref"]]
        yield from _not_of(schema, request.json, "body")


def _wrong(name: str, values: list[str], spec: Mapping[str, Any]) -> Iterator[str]:
    if spec.get("repeated"):
        values = [part for value in values for part in value.split(",")]
    elif len(values) > 1:
        yield f"{name} is given more than once"
    for value in values:
        if "enum" in spec and value not in spec["enum"]:
            yield f"{name}={value} is not one of {spec['enum']}"
        if spec["type"] == "boolean" and value not in {"true", "false"}:
            yield f"{name}={value} is no boolean"
        if spec["type"] == "integer":
            low, high = int(spec.get("minimum", 0)), int(spec.get("maximum", 2**31))
            if not value.isdigit() or not low <= int(value) <= high:
                yield f"{name}={value} is not within {low} and {high}"


def _not_of(schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
    """Check a JSON value against a schema of the document."""
    if "$ref" in schema:
        schema = document()["schemas"][schema["$ref"]]
    if schema["type"] == "array" and isinstance(value, list):
        for item in value:
            yield from _not_of(schema["items"], item, f"{where}[]")
    elif not isinstance(value, KINDS.get(schema["type"], ())):
        yield f"{where} is no {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where}={value} is not one of {schema['enum']}"
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        for key, inner in value.items():
            if key not in known:
                yield f"{where}.{key} is not known"
            else:
                yield from _not_of(known[key], inner, f"{where}.{key}")
