"""Calls to one server with the channel's token, and the proof that the token is good."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from jspm_social.platforms.adapters.files import Opener
from jspm_social.platforms.adapters.reading import obj, objs
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import AuthExpired, RateLimited
from jspm_social.platforms.http import Answer, ChannelHttp, url_path

from .errors import problem_of

DOUBTFUL = {400, 422}  # what some servers answer to a token they do not know


class Wire:
    """One server. There is no host of the platform's own: the channel's base_url names it."""

    def __init__(self, access: ChannelAccess) -> None:
        self._http = ChannelHttp(access, {"server": access.base_url})
        self._headers = {"Authorization": f"Bearer {access.secrets.get('access_token', '')}"}

    def __repr__(self) -> str:
        return "<Wire>"

    def send(
        self,
        method: str,
        *path: str,
        params: Mapping[str, str | list[str]] | None = None,
        json: Any = None,
        upload: Opener | None = None,
        headers: Mapping[str, str] | None = None,
        changes: bool | None = None,
        version: str = "v1",
    ) -> Answer:
        """Send a request and return its answer, refusals too, but for doubts about the token."""
        with upload() if upload else nullcontext() as body:
            answer = self._call(
                method,
                url_path("api", version, *path),
                params=params,
                json=json,
                upload=body,
                headers={**self._headers, **(headers or {})},
                changes=changes,
            )
        if answer.status in DOUBTFUL:
            self.prove()
        return answer

    def _call(self, method: str, path: str, **more: Any) -> Answer:
        return self._http.call(method, "server", path, plain=True, **more)

    def get(
        self, *path: str, params: Mapping[str, str | list[str]] | None = None
    ) -> dict[str, Any]:
        return obj(self._read(*path, params=params).body)

    def get_list(
        self, *path: str, params: Mapping[str, str | list[str]] | None = None
    ) -> list[dict[str, Any]]:
        return objs(self._read(*path, params=params).body)

    def _read(self, *path: str, params: Mapping[str, str | list[str]] | None) -> Answer:
        answer = self.send("GET", *path, params=params)
        problem = problem_of(answer, changes=False)
        if problem:
            raise problem
        return answer

    def prove(self) -> dict[str, Any]:
        """Return who we are. Raises AuthExpired for every refusal but 'too many requests'."""
        path = url_path("api", "v1", "accounts", "verify_credentials")
        answer = self._call("GET", path, headers=self._headers)
        if answer.ok:
            return obj(answer.body)
        problem = problem_of(answer, changes=False)
        if isinstance(problem, RateLimited):
            raise problem
        raise AuthExpired(f"Mastodon {answer.status}: the token is not accepted")

    def instance(self) -> dict[str, Any]:
        """Return how the server describes itself, {} where it does not."""
        for version in ("v2", "v1"):
            answer = self.send("GET", "instance", version=version)
            if answer.ok:
                return obj(answer.body)
        return {}

    def relationship(self, account_id: str) -> dict[str, Any]:
        """Return how we stand to a person, {} when the server does not say."""
        asked: dict[str, str | list[str]] = {"id[]": [account_id]}
        found = self.get_list("accounts", "relationships", params=asked)
        return next((r for r in found if str(r.get("id")) == account_id), {})
