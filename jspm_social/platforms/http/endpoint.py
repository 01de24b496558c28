"""The outgoing door to one service that the operator named: not a channel, and no content."""

import json as jsonlib
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from jspm_social.platforms.errors import Rejected, Transient

from .body import TooMuch, read_bounded
from .channel import CONNECT_SECONDS, checked_origin

MAX_BYTES = 200_000


def post_json(
    url: str, *, json: Any, headers: Mapping[str, str], seconds: float, max_bytes: int = MAX_BYTES
) -> Any:
    """POST to an address of the environment and return the JSON of a 200 answer.

    https, or a loopback host of settings.CHANNEL_LOOPBACK_HOSTS; no redirects, no retries, no
    proxy, a bounded body, and `seconds` at most both between two bytes and for the whole body.
    Nothing that was sent, and nothing of the answer, stands in an error.

    Raises:
        Transient: no connection, no whole or readable answer in time, or 429 or 5xx.
        Rejected: any other status, or an address that may not be used.
    """
    origin = checked_origin(url)
    with requests.Session() as session:
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=0))
        try:
            with session.post(
                origin,
                json=json,
                headers={"Accept": "application/json", **headers},
                timeout=(CONNECT_SECONDS, seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
                if status == 429 or status >= 500:
                    raise Transient(f"status {status}")
                if status != 200:
                    raise Rejected(f"status {status}")
                body = read_bounded(response, max_bytes=max_bytes, max_seconds=seconds)
        except requests.exceptions.RequestException as error:
            raise Transient(type(error).__name__) from None
        except TooMuch as error:
            raise Transient(str(error)) from None
    try:
        return jsonlib.loads(body)
    except (ValueError, RecursionError):
        raise Transient("no readable JSON") from None
