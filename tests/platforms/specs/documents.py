"""Reading installed packages as documents, without running what they are for."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from jspm_social.platforms.sandbox.wire import Request, form_parts

AFTER = re.compile(r"\n(?: {4})?(?=[@\w])")  # where a method's source ends


def folder(package: str) -> Path:
    """Where a package lies. Nothing of it is imported."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"{package} is missing: pip install --no-deps -r requirements-specs.txt")
    return Path(spec.submodule_search_locations[0])


def hollow(*packages: str) -> None:
    """Let modules of these packages be imported without the packages' own code.

    That code would import clients, whose libraries are not installed.
    """
    for name in packages:
        if name in sys.modules:
            continue
        parent, _, last = name.rpartition(".")
        place = Path(*sys.modules[parent].__path__) / last if parent else folder(name)
        module = ModuleType(name)
        module.__path__ = [str(place)]
        sys.modules[name] = module
        if parent:
            setattr(sys.modules[parent], last, module)


def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form of either kind; of a file only that it is there."""
    parts = form_parts(request)
    if not parts:
        return request.form
    return {name: value[:200].decode("utf-8", "replace") for name, value in parts.items()}


@cache
def functions(path: Path) -> dict[str, str]:
    """Return the source of each function or method of a generated module, by its name."""
    source = path.read_text(encoding="utf-8")
    parts = [AFTER.split(part, maxsplit=1)[0] for part in source.split("\n    def ")[1:]]
    return {part.partition("(")[0]: f"def {part}" for part in parts}


def literal(node: ast.expr) -> Any:
    """Return the value of a literal, None for anything else."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def assigned(source: str, name: str) -> dict[str, Any]:
    """Return the dictionary that generated code assigns to a name; values that compute are None."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == name
            and isinstance(node.value, ast.Dict)
        ):
            pairs = zip(node.value.keys, node.value.values, strict=True)
            return {literal(key): literal(value) for key, value in pairs if key}
    return {}


def unknown_fields(model: Any, where: str = "") -> Iterator[str]:
    """Yield the fields that a pydantic model took although it does not know them."""
    if isinstance(model, list | tuple):
        for item in model:
            yield from unknown_fields(item, where)
    fields = getattr(type(model), "model_fields", None)
    if fields is None:
        return
    for name in model.model_extra or ():
        yield f"{where}{name} is not known"
    for name in fields:
        yield from unknown_fields(getattr(model, name), f"{where}{name}.")
