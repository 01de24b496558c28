"""Connecting through a platform's own page: begun, returned from, chosen, stored.

An attempt belongs to one person in one browser session, lasts ten minutes, and its state is
taken once: whoever comes back with a used, foreign or old one has nothing exchanged.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import record
from jspm_social.audit.verbs import Verb
from jspm_social.platforms.connect import NotConnected, connect_channel
from jspm_social.platforms.errors import PlatformError
from jspm_social.platforms.models import Channel, ConnectionAttempt
from jspm_social.platforms.names import Platform
from jspm_social.platforms.oauth.flow import (
    Account,
    App,
    Flow,
    Grant,
    Question,
    Return,
    challenge_of,
)
from jspm_social.platforms.oauth.flows import FLOWS
from jspm_social.platforms.states import ATTEMPT_MOVES, AttemptState
from jspm_social.transitions import IllegalMove, StaleState, move

from .pending import Pending, opened
from .words import DENIED, explain

LASTS: Final = timedelta(minutes=10)


class NotYours(Exception):
    """There is no such attempt for this person in this browser, or it has ended, or was used."""


@dataclass(frozen=True, slots=True)
class Who:
    """A person in one browser session."""

    person: User
    session: str

    @property
    def digest(self) -> str:
        return _digest(self.session)


def begin(
    *,
    who: Who,
    platform: Platform,
    name: str,
    app: App,
    base_url: str = "",
    extra: dict[str, str] | None = None,
    again: Channel | None = None,
) -> ConnectionAttempt:
    """Prepare the question that the platform will ask. Registers the app where that is possible.

    Raises PlatformError when the platform (a Mastodon server) could not be reached or refused.
    """
    forget_ended()
    ready = _flow(platform).prepare(app, base_url, redirect_uri(platform))
    state = _new_state()
    held = Pending(ready, "", extra=extra or {}).asked_anew(state)
    return ConnectionAttempt.objects.create(
        person=who.person,
        session_digest=who.digest,
        state_digest=_digest(state),
        platform=platform,
        name=name,
        base_url=base_url,
        channel=again,
        sealed=held.seal(),
        expires_at=timezone.now() + LASTS,
    )


def ask_again(*, who: Who, attempt_id: int) -> ConnectionAttempt:
    """Ask the same question once more, after a denial or a lost answer. Nothing is typed again."""
    attempt = find(who=who, attempt_id=attempt_id)
    state = _new_state()
    _move(
        attempt,
        AttemptState.ASKING,
        state_digest=_digest(state),
        sealed=opened(attempt).asked_anew(state).seal(),
        expires_at=timezone.now() + LASTS,
        trouble="",
    )
    return attempt


def find(*, who: Who, attempt_id: int) -> ConnectionAttempt:
    """Return this person's attempt in this session. Raises NotYours for every other."""
    return _own(who, pk=attempt_id)


def address_of(attempt: ConnectionAttempt) -> str:
    """Return where the person goes to answer. It holds the state: shown, and written nowhere."""
    held, platform = opened(attempt), Platform(attempt.platform)
    challenge = challenge_of(held.verifier) if held.verifier else ""
    question = Question(attempt.base_url, redirect_uri(platform), held.state, challenge)
    return _flow(platform).address(held.app, question)


def accounts_of(attempt: ConnectionAttempt) -> tuple[Account, ...]:
    """Return the accounts between which the person chooses."""
    grant = opened(attempt).grant
    return grant.accounts if grant else ()


def take_back(*, who: Who, platform: Platform, state: str, code: str) -> ConnectionAttempt:
    """Take what the platform's page sent back: use the state up, then exchange the code.

    An empty `code` is a denial. What became of it stands in the attempt's state: CHOOSING, or
    FAILED with its reason. When it went through to the end the row is deleted and `channel` is
    the account that was connected.

    Raises:
        NotYours: the state was used, has ended, or belongs to somebody else: nothing is sent.
    """
    attempt = _claim(who, platform, state)
    held = opened(attempt)
    if not code:
        _fail(attempt, who.person, DENIED, why="denied")
        return attempt
    with _failing(attempt, who.person):
        answer = Return(attempt.base_url, redirect_uri(platform), code, held.verifier)
        grant = _flow(platform).exchange(held.app, answer)
        account = _only(grant, attempt.channel)
        if account is None:
            sealed = replace(held, grant=grant).seal()
            until = timezone.now() + LASTS
            _move(attempt, AttemptState.CHOOSING, sealed=sealed, expires_at=until)
        else:
            _connect(attempt, who.person, held, grant, account)
    return attempt


def choose(*, who: Who, attempt_id: int, number: int) -> ConnectionAttempt:
    """Connect one of the accounts that the permission covers; see `take_back` for the outcome.

    Raises NotYours also when there is no such number or the choice was made already.
    """
    attempt = find(who=who, attempt_id=attempt_id)
    held = opened(attempt)
    grant = held.grant
    if grant is None or not 0 <= number < len(grant.accounts):
        raise NotYours
    _move(attempt, AttemptState.EXCHANGING)
    with _failing(attempt, who.person):
        _connect(attempt, who.person, held, grant, grant.accounts[number])
    return attempt


def forget_ended() -> int:
    """Erase the attempts whose time is over, with the secrets in them."""
    deleted, _ = ConnectionAttempt.objects.filter(expires_at__lte=timezone.now()).delete()
    return deleted


def redirect_uri(platform: Platform) -> str:
    """Return the address to which the platform sends the person back; it is registered there."""
    path = reverse("platforms:connect_callback", args=[platform.value])
    return settings.SITE_URL.rstrip("/") + path


def _connect(
    attempt: ConnectionAttempt, actor: User, held: Pending, grant: Grant, account: Account
) -> None:
    given = dict(account.secrets) | held.extra
    channel = connect_channel(
        actor=actor,
        platform=Platform(attempt.platform),
        name=attempt.name,
        secrets={name: value for name, value in given.items() if value},
        base_url=attempt.base_url,
        account_id=account.account_id,
        granted=grant.granted,
        again=attempt.channel,
    )
    attempt.delete()
    attempt.channel = channel


def _only(grant: Grant, again: Channel | None) -> Account | None:
    """Return the account that needs no choice: the only one, or the one connected again."""
    if again is not None:
        same = (a for a in grant.accounts if a.account_id == again.account_id)
        found = next(same, None)
        if found is not None:
            return found
    return grant.accounts[0] if len(grant.accounts) == 1 else None


def _claim(who: Who, platform: Platform, state: str) -> ConnectionAttempt:
    """Use a state up. Exactly one request gets through, also of two at the same moment."""
    try:
        attempt = _own(who, state_digest=_digest(state), platform=platform)
        _move(attempt, AttemptState.EXCHANGING)
    except NotYours:
        with transaction.atomic():
            record(
                actor=who.person,
                verb=Verb.CHANNEL_NOT_CONNECTED,
                target=ConnectionAttempt(),
                details={"platform": platform, "why": "state"},
            )
        raise
    return attempt


def _own(who: Who, **which: Any) -> ConnectionAttempt:
    attempt = (
        ConnectionAttempt.objects.select_related("channel")
        .filter(
            person=who.person, session_digest=who.digest, expires_at__gt=timezone.now(), **which
        )
        .first()
    )
    if attempt is None:
        raise NotYours
    return attempt


def _move(attempt: ConnectionAttempt, to: AttemptState, **changes: Any) -> None:
    try:
        move(attempt, table=ATTEMPT_MOVES, to=to, **changes)
    except (StaleState, IllegalMove) as error:
        raise NotYours from error


@contextmanager
def _failing(attempt: ConnectionAttempt, actor: User) -> Iterator[None]:
    """Note on the attempt what went wrong; it can then be asked again."""
    try:
        yield
    except (NotConnected, PlatformError) as error:
        words = explain(Platform(attempt.platform), error)
        _fail(attempt, actor, words, why=type(error).__name__)


def _fail(attempt: ConnectionAttempt, actor: User, words: str, *, why: str) -> None:
    with transaction.atomic():
        until = timezone.now() + LASTS
        _move(attempt, AttemptState.FAILED, trouble=words[:300], expires_at=until)
        record(
            actor=actor,
            verb=Verb.CHANNEL_NOT_CONNECTED,
            target=attempt,
            details={"platform": attempt.platform, "why": why},
        )


def _flow(platform: Platform) -> Flow:
    return FLOWS[platform]


def _new_state() -> str:
    return secrets.token_urlsafe(32)


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
