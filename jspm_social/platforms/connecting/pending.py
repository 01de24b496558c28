"""What is kept between the question and the answer, encrypted in a ConnectionAttempt."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from jspm_social.platforms.models import ConnectionAttempt
from jspm_social.platforms.oauth.flow import Account, App, Grant, new_verifier
from jspm_social.platforms.vault import seal, unseal


@dataclass(frozen=True, slots=True)
class Pending:
    """`extra` are credentials that were typed besides the app's and go to the channel as such."""

    app: App
    state: str = field(repr=False)
    verifier: str = field(default="", repr=False)
    extra: dict[str, str] = field(default_factory=dict, repr=False)
    grant: Grant | None = None

    def asked_anew(self, state: str) -> "Pending":
        """The same question, asked again: with another state and another verifier."""
        verifier = new_verifier() if self.app.pkce else ""
        return replace(self, state=state, verifier=verifier, grant=None)

    def seal(self) -> bytes:
        return seal({"pending": json.dumps(asdict(self) | {"grant": _to_json(self.grant)})})


def opened(attempt: ConnectionAttempt) -> Pending:
    """Return what an attempt holds. Raises cryptography's InvalidToken when no key fits."""
    held: dict[str, Any] = json.loads(unseal(bytes(attempt.sealed))["pending"])
    return Pending(
        app=App(**held["app"]),
        state=held["state"],
        verifier=held["verifier"],
        extra=held["extra"],
        grant=_from_json(held["grant"]),
    )


def _to_json(grant: Grant | None) -> dict[str, Any] | None:
    if grant is None:
        return None
    granted = None if grant.granted is None else sorted(grant.granted)
    return {"accounts": [asdict(account) for account in grant.accounts], "granted": granted}


def _from_json(held: dict[str, Any] | None) -> Grant | None:
    if held is None:
        return None
    granted = held["granted"]
    accounts = tuple(Account(**account) for account in held["accounts"])
    return Grant(accounts, None if granted is None else frozenset(granted))
