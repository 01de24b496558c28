"""Looking at every request that reaches a sandbox, while tests send them."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from jspm_social.platforms.sandbox.app import Outcome, SandboxApp
from jspm_social.platforms.sandbox.wire import Request

from . import problems


@contextmanager
def watched() -> Iterator[None]:
    """Raise AssertionError at the end when a request was not what its specification allows."""
    found: set[str] = set()
    answer = SandboxApp.answer

    def watching(app: SandboxApp, platform: str, request: Request) -> Outcome:
        about = f"{platform} {request.method} {request.path}"
        try:
            found.update(f"{about}: {problem}" for problem in problems(platform, request))
        except Exception as error:  # noqa: BLE001 - told by the test, the request goes on
            found.add(f"{about}: the specification could not be read: {error!r}")
        return answer(app, platform, request)

    with patch.object(SandboxApp, "answer", watching):
        yield
    assert not found, "\n".join(sorted(found))
