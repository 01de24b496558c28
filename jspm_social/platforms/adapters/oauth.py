"""The access token of one channel, renewed with its refresh token when the platform says 401.

Where refresh tokens rotate, a second use of one is refused: only one worker renews at a time, and
who comes second takes what the first has stored.
"""

import base64
from collections.abc import Callable, Mapping
from typing import TypeAlias

from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import AuthExpired, Transient
from jspm_social.platforms.http import Answer, ChannelHttp

from .reading import obj, text

SaveSecrets: TypeAlias = Callable[[Mapping[str, str]], None]


class OAuthTokens:
    """Bearer tokens with refresh (RFC 6749 §6).

    `save` is called with all secrets, the changed ones among them, before the new token is
    used, so that a crash afterwards cannot lose a rotated refresh token.
    """

    def __init__(
        self,
        http: ChannelHttp,
        access: ChannelAccess,
        save: SaveSecrets,
        *,
        host: str,
        path: str,
        basic: bool,
    ) -> None:
        self._http = http
        self._secrets = dict(access.secrets)
        self._renewing = access.renewing
        self._save = save
        self._host, self._path = host, path
        self._basic = basic  # client credentials in a Basic header instead of the form

    def __repr__(self) -> str:
        return "<OAuthTokens>"

    def send(self, request: Callable[[Mapping[str, str]], Answer]) -> Answer:
        """Run `request` with the bearer header; after a 401 renew once and run it again."""
        renewed = False
        while True:
            if self._secrets.get("access_token"):
                answer = request(self._bearer())
                if answer.status != 401 or renewed or not self._secrets.get("refresh_token"):
                    return answer
            renewed = self.renew()

    def renew(self) -> bool:
        """Get a new access token. False: another worker had stored one, which may be old, too.

        A lost answer is Transient: nothing of ours was changed. Raises AuthExpired when there is
        no refresh token or the platform refuses it.
        """
        with self._renewing() as stored:
            if stored.get("access_token", "") not in {"", self._secrets.get("access_token", "")}:
                self._secrets = dict(stored)
                return False
            self._ask()
            return True

    def _ask(self) -> None:
        if not self._secrets.get("refresh_token"):
            raise AuthExpired("no token that could be renewed")
        answer = self._http.call(
            "POST",
            self._host,
            self._path,
            form=self._form(),
            headers=self._client_header(),
            changes=False,
        )
        if answer.status == 429:
            raise Transient("the token endpoint asks to wait")
        body = obj(answer.body)
        access = text(body, "access_token")
        if not answer.ok or not access:
            raise AuthExpired(f"the refresh token was refused: {text(body, 'error')[:80]}")
        fresh = {"access_token": access}
        if text(body, "refresh_token"):
            fresh["refresh_token"] = text(body, "refresh_token")
        self._secrets |= fresh
        self._save(dict(self._secrets))

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._secrets.get('access_token', '')}"}

    def _form(self) -> dict[str, str]:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._secrets["refresh_token"],
            "client_id": self._secrets.get("client_id", ""),
        }
        if not self._basic and self._secrets.get("client_secret"):
            form["client_secret"] = self._secrets["client_secret"]
        return form

    def _client_header(self) -> dict[str, str]:
        secret = self._secrets.get("client_secret")
        if not self._basic or not secret:
            return {}
        pair = f"{self._secrets.get('client_id', '')}:{secret}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
