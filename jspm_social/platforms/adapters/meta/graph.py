"""The Graph API's wire, shared by Facebook, Instagram and Threads: one token on one host."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jspm_social.platforms.adapters.reading import obj, objs, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import Missing, OutcomeUnknown, Unsupported
from jspm_social.platforms.http import Answer, ChannelHttp, Upload, url_path

from .errors import problem_of, seems_gone
from .usage import Usage, usage_of

MOST_PAGES = 200  # of a list of our own posts


@dataclass(frozen=True, slots=True)
class Signature:
    """The token, and where the app's secret is known the proof that we hold that too."""

    headers: Mapping[str, str] = field(repr=False)
    params: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, secrets: Mapping[str, str]) -> "Signature":
        token, secret = secrets.get("access_token", ""), secrets.get("app_secret", "")
        proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        params = {"appsecret_proof": proof} if secret else {}
        return cls({"Authorization": f"Bearer {token}"}, params)


class Graph:
    """Requests to one host of the Graph API. Paths are below the version.

    `usage` is what the last answer told of the budget. From 95 percent on the channel's meter lets
    no more readings through until the time that Meta named.
    """

    def __init__(
        self,
        access: ChannelAccess,
        *,
        name: str,
        origin: str,
        version: str,
        upload: str = "",
    ) -> None:
        """`upload` is the origin of the host that takes files, where that is another one."""
        self._http = ChannelHttp(access, {"graph": origin, "upload": upload or origin})
        self._secrets = access.secrets
        self._signature = Signature.of(access.secrets)
        self._name, self._version = name, version
        self.usage = Usage()

    def __repr__(self) -> str:
        return f"<Graph {self._name}>"

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        upload: Upload | None = None,
        host: str = "graph",
        signature: Signature | None = None,
        changes: bool | None = None,
    ) -> Answer:
        """Send one request and return its decisive answer, an error body included.

        `changes` is ChannelHttp's: False when nothing that readers see can come of it.
        """
        signed = signature or self._signature
        answer = self._http.call(
            method,
            host,
            f"/{self._version}{path}",
            params={**(params or {}), **signed.params},
            form=form,
            json=json,
            upload=upload,
            headers=signed.headers,
            changes=changes,
        )
        self.usage = usage_of(answer)
        return answer

    def send_file(self, address: str, file: Upload, **headers: str) -> Answer:
        """Send a file's bytes to an address that Meta named; it must be one of our hosts.

        Nothing that readers see comes of it: a lost answer is Transient.
        """
        host, path = self._http.locate(address)
        token = self._signature.headers["Authorization"].removeprefix("Bearer ")
        return self._http.call(
            "POST",
            host,
            path,
            upload=file,
            headers={"Authorization": f"OAuth {token}", **headers},
            changes=False,
        )

    def check(self, answer: Answer, *, changes: bool) -> None:
        problem = problem_of(answer, changes=changes, name=self._name)
        if problem:
            raise problem

    def read(self, path: str, **params: str) -> dict[str, Any]:
        """Read one object; every refusal is raised."""
        answer = self.send("GET", path, params=params)
        self.check(answer, changes=False)
        return obj(answer.body)

    def inspect(self) -> dict[str, Any]:
        """Read what the token itself is: its permissions and its end. {} where that is refused.

        The app asks where its id is known, else the token about itself. Sent as POST with
        `method=get`, Meta's way to read with everything in the body: no token in an address.
        """
        app_id, secret = self._secrets.get("client_id"), self._secrets.get("app_secret")
        asking = Signature.of({**self._secrets, "access_token": f"{app_id}|{secret}"})
        answer = self.send(
            "POST",
            "/debug_token",
            form={"method": "get", "input_token": self._secrets.get("access_token", "")},
            signature=asking if app_id and secret else None,
            changes=False,
        )
        told = obj(obj(answer.body).get("data"))
        return told if answer.ok and told.get("is_valid") is True else {}

    def pages(self, path: str, **params: str) -> Iterator[list[dict[str, Any]]]:
        """Yield a list of our own page by page, each read only when it is asked for."""
        after = ""
        for _ in range(MOST_PAGES):
            body = self.read(path, **params, **({"after": after} if after else {}))
            yield objs(body.get("data"))
            after = after_of(body)
            if not after:
                return

    def read_edge(self, path: str, params: Mapping[str, str]) -> dict[str, Any] | None:
        """Read one page of an object's list; None when the object seems to be gone."""
        answer = self.send("GET", path, params=params)
        if seems_gone(answer):
            return None
        self.check(answer, changes=False)
        return obj(answer.body)

    def look(self, ids: Iterable[str], fields: str) -> dict[str, dict[str, Any]]:
        """Prove the token good, then read each object; those that are gone are left out."""
        wanted = list(ids)
        if wanted:
            self.read("/me", fields="id")
        read = {i: self.read_edge(url_path(i), {"fields": fields}) for i in wanted}
        return {i: found for i, found in read.items() if found is not None}

    def change(
        self,
        method: str,
        comment_id: str,
        *edge: str,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> None:
        """Change one comment, or an edge of it. Missing only when it is proven to be gone."""
        answer = self.send(method, url_path(comment_id, *edge), params=params, form=form)
        if seems_gone(answer):
            if not self.look([comment_id], "id"):
                raise Missing(f"{self._name}: the comment is gone")
            raise Unsupported(f"{self._name}: refused although it is there: a permission?")
        self.check(answer, changes=True)
        if obj(answer.body).get("success") is not True:
            raise OutcomeUnknown(f"{self._name}: the answer does not say success")


def after_of(body: Mapping[str, Any]) -> str:
    """Return where the next page begins, '' at the end of the list."""
    paging = obj(body.get("paging"))
    following = text(paging, "next")
    if not following:
        return ""
    try:
        named = parse_qs(urlsplit(following).query).get("after", [""])[0]
    except ValueError:
        named = ""
    return text(obj(paging.get("cursors")), "after") or named
