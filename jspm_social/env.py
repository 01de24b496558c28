"""Typed readers of the environment. A secret that is missing fails loudly, by name."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """Return the variable, or what stands in the file that NAME_FILE points to (for secrets)."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        return Path(file).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def flag(name: str, *, default: bool) -> bool:
    """Return a yes-or-no variable; anything that is neither fails."""
    value = text(name).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    if value:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}")
    return default


def words(name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return a comma-separated variable as a tuple, blanks left out."""
    value = text(name)
    return tuple(word.strip() for word in value.split(",") if word.strip()) if value else default


def secret(name: str, *, local: Path | None, make: Callable[[], str]) -> str:
    """Return a secret from the environment.

    With `local` (the embedded default, one machine) a missing one is made once by `make` and
    kept in that file, readable by its owner alone. Without it, a missing secret fails.
    """
    value = text(name)
    if value:
        return value
    if local is None:
        raise ImproperlyConfigured(f"{name} is not set (see .env.example)")
    if not local.exists():
        _write_private(local, make())
    return local.read_text(encoding="utf-8").strip()


def random_key() -> str:
    """Return a fresh random key for signing."""
    return secrets.token_urlsafe(48)


def _write_private(path: Path, value: str) -> None:
    """Write `value` so that two starters at once end with one file, whole and private."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(value, encoding="utf-8")
    try:
        os.link(draft, path)  # fails when somebody else was first: theirs counts
    except FileExistsError:
        pass
    finally:
        draft.unlink()
