"""What counts now. During one request the database is asked once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase

from jspm_social.committee.catalogue import Definition
from jspm_social.committee.models import SettingChange
from jspm_social.committee.states import ChangeState


@dataclass
class _Remembered:
    values: dict[str, int] | None = None


_request: ContextVar[_Remembered | None] = ContextVar("committee_settings", default=None)


def number(definition: Definition) -> int:
    """What the committee set, or the usual value where it set nothing."""
    stored = _stored().get(definition.name)
    return definition.default() if stored is None else stored


def flag(definition: Definition) -> bool:
    return bool(number(definition))


def latest() -> dict[str, SettingChange]:
    """The change that counts now, by name of the setting."""
    rows = SettingChange.objects.filter(state=ChangeState.IN_FORCE).select_related("by")
    rows = rows.order_by("name", "-in_force_at", "-id").distinct("name")
    return {row.name: row for row in rows}


def proposals() -> dict[str, SettingChange]:
    """The changes that wait for a second person, by name of the setting."""
    rows = SettingChange.objects.filter(state=ChangeState.PROPOSED).select_related("by")
    return {row.name: row for row in rows}


@contextmanager
def remembered() -> Iterator[None]:
    """Within, the settings are read at most once."""
    token = _request.set(_Remembered())
    try:
        yield
    finally:
        _request.reset(token)


def forget() -> None:
    """Read anew from now on: a setting was changed."""
    if (memory := _request.get()) is not None:
        memory.values = None


def per_request(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: one request reads the settings at most once, and no request another's."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with remembered():
            return get_response(request)

    return middleware


def _stored() -> dict[str, int]:
    memory = _request.get()
    if memory is not None and memory.values is not None:
        return memory.values
    values = {name: row.value for name, row in latest().items()}
    if memory is not None:
        memory.values = values
    return values
