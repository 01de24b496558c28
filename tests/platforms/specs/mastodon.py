"""The Mastodon API as Mastodon.py calls it: methods, paths, and the names of what is sent.

There is no OpenAPI document of Mastodon. A name counts as known where the method of Mastodon.py
that calls the path has it as an argument or writes it out.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache

from jspm_social.platforms.sandbox.wire import Request, form_parts

from .documents import folder

# Mastodon.py walks pages by links, and sends these in that way alone.
PAGING = {"limit", "max_id", "min_id", "since_id"}


@cache
def calls() -> list[tuple[str, re.Pattern[str], frozenset[str]]]:
    found = []
    for path in sorted(folder("mastodon").glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                names = frozenset(_names(function))
                found += [(verb, where, names) for verb, where in _requests(function)]
    return found


def _requests(function: ast.FunctionDef) -> Iterator[tuple[str, re.Pattern[str]]]:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "__api_request"
            and isinstance(node.args[0], ast.Constant)
        ):
            path = _pattern(node.args[1]).removesuffix("/")
            yield str(node.args[0].value), re.compile(path)


def _pattern(path: ast.expr) -> str:
    parts = path.values if isinstance(path, ast.JoinedStr) else [path]
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[^/]+" for part in parts
    )


def _names(function: ast.FunctionDef) -> Iterator[str]:
    arguments = [*function.args.args, *function.args.kwonlyargs]
    yield from (argument.arg for argument in arguments)
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.partition("[")[0]


def problems(request: Request) -> Iterator[str]:
    fitting = [
        names
        for verb, path, names in calls()
        if verb == request.method and path.fullmatch(request.path)
    ]
    if not fitting:
        yield "no such method"
        return
    known = frozenset().union(*fitting) | PAGING
    kind = request.headers.get("content-type", "")
    form = request.form if kind.startswith("application/x-www-form-urlencoded") else {}
    sent = [*request.query, *form, *form_parts(request), *request.json]
    yield from (f"{name} is not known" for name in sent if name.partition("[")[0] not in known)
