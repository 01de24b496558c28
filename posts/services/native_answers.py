"""What a person says of a post that the console did not publish. Nothing here changes the post."""

from typing import Any

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.transitions import IllegalMove, StaleState, move
from posts.errors import Overtaken, Refused
from posts.models import NativePost, Post
from posts.queries import CONFIRMED
from posts.services import corrections
from posts.states import NATIVE_MOVES, NativeState

OVERTAKEN = "この投稿は、ほかの人が先に確認しました。"


@one_write()
def link(*, actor: User, native: NativePost, post: Post | None, reason: str = "") -> None:
    """It is one of ours that was approved here and posted by hand.

    Raises:
        Refused: no post is named, or one that was never approved as it stands.
    """
    if post is None:
        raise Refused("どの投稿かを選んでください。")
    if post.state not in CONFIRMED:
        raise Refused("承認されていない投稿には、ひも付けられません。")
    _settle(native, NativeState.OURS, actor, post=post, reason=reason)
    _record(Verb.NATIVE_LINKED, native, actor)


@one_write()
def note(*, actor: User, native: NativePost, reason: str) -> None:
    """It was looked at: who posted it and why, in words."""
    if not reason.strip():
        raise Refused("だれが、なぜ投稿したかを書いてください。")
    _settle(native, NativeState.NOTED, actor, reason=reason)
    _record(Verb.NATIVE_NOTED, native, actor)


@one_write()
def report(*, actor: User, native: NativePost, post: Post | None, told: str) -> None:
    """Something in it is wrong: a report on the post of ours that it belongs to (§7).

    Raises:
        Refused: it belongs to none of our published posts, or nothing is said of the error.
    """
    about = post or native.post
    if about is None:
        raise Refused("誤りの報告は、もとになった公開済みの投稿を選んでください。")
    where = f"{native.remote.channel}での投稿（{native.remote.permalink or '場所は不明'}）について"
    words = f"{where}\n\n{told}" if told.strip() else ""
    made = corrections.report(actor=actor, post=about, told=words)
    _settle(native, NativeState.REPORTED, actor, post=about, correction=made)
    _record(Verb.NATIVE_REPORTED, native, actor)


def _settle(native: NativePost, to: NativeState, actor: User, **changes: Any) -> None:
    try:
        move(
            native,
            table=NATIVE_MOVES,
            to=to,
            settled_by=actor,
            settled_at=timezone.now(),
            **changes,
        )
    except (StaleState, IllegalMove) as error:
        raise Overtaken(OVERTAKEN) from error


def _record(verb: Verb, native: NativePost, actor: User) -> None:
    record(
        actor=actor,
        verb=verb,
        target=native,
        channel=native.remote.channel_id,
        clause="§3(1)",
        details={"state": native.state, "post": native.post_id, "correction": native.correction_id},
        personal={"note": native.reason} if native.reason else None,
    )
