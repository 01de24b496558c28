"""X's OpenAPI document, as the methods and models generated from it in xdk tell it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from pydantic import ValidationError

from jspm_social.platforms.sandbox.wire import Request

from .documents import folder, functions, hollow, literal, unknown_fields

URL = re.compile(r'url = self\.client\.base_url \+ "([^"]+)"')
VERB = re.compile(r"self\.client\.session\.(get|post|put|delete|patch)\(")
PAGE_TOKENS = ("pagination_token", "next_token")
PARAM = re.compile(r'params\["([\w.]+)"\]')


@dataclass(frozen=True)
class Operation:
    """One method of a generated client; `area` is the folder of its models."""

    area: str
    verb: str
    path: re.Pattern[str]
    source: str

    @cached_property
    def params(self) -> dict[str, set[Any]]:
        """Names of the query, each with the values that are allowed (none named: any)."""
        arguments = ast.parse(self.source).body[0].args  # type: ignore[attr-defined]
        allowed = {
            argument.arg: {
                literal(value)
                for node in ast.walk(argument.annotation)
                if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal"
                for value in getattr(node.slice, "elts", [node.slice])
            }
            for argument in [*arguments.args, *arguments.kwonlyargs]
            if argument.annotation
        }
        # the generated code walks pages by itself and never sends these two
        names = PARAM.findall(self.source) + [n for n in PAGE_TOKENS if n in allowed]
        return {name: allowed.get(name.replace(".", "_"), set()) for name in names}

    @cached_property
    def either(self) -> list[set[str]]:
        """Groups of names of which at most one may be sent."""
        told = re.findall(r"At most one of ((?:`[\w.]+`(?:, )?)+)", self.source)
        return [set(re.findall(r"[\w.]+", group)) for group in told]

    @cached_property
    def body(self) -> Any:
        """The model of the body, None for none."""
        found = re.search(r"\bbody: (?:Optional\[)?(\w+)", self.source)
        if not found:
            return None
        hollow("xdk", f"xdk.{self.area}")
        from importlib import import_module

        return getattr(import_module(f"xdk.{self.area}.models"), found[1])


@cache
def operations() -> list[Operation]:
    found = []
    for path in sorted(folder("xdk").glob("*/client.py")):
        for source in functions(path).values():
            url, verb = URL.search(source), VERB.search(source)
            if url and verb:
                pattern = re.compile(re.sub(r"\\{\w+\\}", r"[\\w.:-]+", re.escape(url[1])))
                found.append(Operation(path.parent.name, verb[1].upper(), pattern, source))
    return sorted(found, key=lambda one: "[" in one.path.pattern)  # fixed paths first


def problems(request: Request) -> Iterator[str]:
    fitting = [
        one
        for one in operations()
        if one.verb == request.method and one.path.fullmatch(request.path)
    ]
    if not fitting:
        yield "no such operation"
        return
    operation = fitting[0]
    for name, value in request.query.items():
        if name not in operation.params:
            yield f"{name} is not known"
        elif allowed := operation.params[name]:
            wrong = set(value.split(",")) - allowed
            yield from (f"{name}={one} is not allowed" for one in sorted(wrong))
    for group in operation.either:
        if len(sent := sorted(group & request.query.keys())) > 1:
            yield f"{' and '.join(sent)} exclude one another"
    is_json = "json" in request.headers.get("content-type", "")
    if request.body and operation.body is None:
        yield "a body where none is asked for"
    elif is_json:
        yield from _wrong_body(operation.body, request.json)


def _wrong_body(model: Any, body: dict[str, Any]) -> Iterator[str]:
    try:
        yield from unknown_fields(model.model_validate(body))
    except ValidationError as error:
        yield f"body: {error.errors()[0]['loc']} {error.errors()[0]['msg']}"
