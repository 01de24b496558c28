"""LINE's wire: one long-lived token on one host, and what the month's allowance still holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jspm_social.platforms.adapters.reading import number, obj, text
from jspm_social.platforms.contract import ChannelAccess
from jspm_social.platforms.errors import PlatformError
from jspm_social.platforms.http import Answer, ChannelHttp

from .errors import TOKYO, problem_of

HOSTS = {"api": "https://api.line.me"}
COUNTED_DAYS = (1, 2)  # LINE counts friends by day, and yesterday's count may not be there yet


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many messages may be sent this month (None: no limit), and how many were."""

    limit: int | None
    used: int

    @property
    def words(self) -> str:
        limit = "無制限" if self.limit is None else f"{self.limit:,}通"
        return f"今月の配信 {self.used:,}通／上限 {limit}"


class Line:
    """Requests to the Messaging API. Reads, validates and broadcasts; nothing else is asked."""

    def __init__(self, access: ChannelAccess) -> None:
        self._http = ChannelHttp(access, HOSTS)
        token = access.secrets.get("access_token", "")
        self._headers = {"Authorization": f"Bearer {token}"}

    def __repr__(self) -> str:
        return "<Line>"

    def read(self, path: str, **params: str) -> dict[str, Any]:
        """Read one object; every refusal is raised."""
        answer = self._http.call("GET", "api", path, params=params, headers=self._headers)
        _raise(answer)
        return obj(answer.body)

    def post(
        self, path: str, body: Any, *, changes: bool, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one body and return its decisive answer, a refusal included."""
        return self._http.call(
            "POST",
            "api",
            path,
            json=body,
            headers={**self._headers, **(headers or {})},
            changes=changes,
            plain=True,
        )

    def allowance(self) -> Allowance:
        """Read how many messages the plan allows this month and how many are used."""
        quota = self.read("/v2/bot/message/quota")
        used = number(self.read("/v2/bot/message/quota/consumption"), "totalUsage")
        limited = text(quota, "type") != "none"
        return Allowance(number(quota, "value") if limited else None, used)

    def friends(self) -> int | None:
        """Read how many people a broadcast reaches, about; None where LINE does not tell."""
        today = datetime.now(TOKYO)
        for days in COUNTED_DAYS:
            date = (today - timedelta(days=days)).strftime("%Y%m%d")
            try:
                counted = self.read("/v2/bot/insight/followers", date=date)
            except PlatformError:  # a plan or a small account without figures
                return None
            if text(counted, "status") == "ready":
                return max(0, number(counted, "followers") - number(counted, "blocks"))
        return None


def _raise(answer: Answer) -> None:
    problem = problem_of(answer)
    if problem:
        raise problem
