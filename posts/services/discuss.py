"""Talking about a draft: remarks on a passage, and suggestions of other words.

A suggestion that the author accepts is the author's change: whoever suggested it has not become a
contributor and may still approve.
"""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.jobs import enqueue
from jspm_social.transitions import IllegalMove, StaleState, move
from posts.content import Content
from posts.errors import Overtaken, Refused
from posts.models import DraftComment, Post, Suggestion
from posts.services import drafting
from posts.services.rows import cut_revision, lock
from posts.states import SUGGESTION_MOVES, SuggestionState

MOVED_ON = "本文が変わり、元の文が見つかりません。本文をご確認ください。"


@one_write()
def remark(
    *,
    actor: User,
    post: Post,
    text: str,
    quote: str = "",
    start: int | None = None,
    answers: DraftComment | None = None,
    mentions: Iterable[User] = (),
) -> DraftComment:
    """Say something about the draft, or a passage of it; people who are named get a mail."""
    if not text.strip():
        raise Refused("コメントを入力してください。")
    post = lock(post)
    said = DraftComment.objects.create(
        post=post,
        revision=cut_revision(post, timezone.now()),
        answers=answers,
        quote=quote,
        start=start,
        text=text,
        by=actor,
    )
    named = [person for person in mentions if person.pk != actor.pk]
    said.mentions.set(named)
    if named:
        enqueue("posts.jobs.send_mention_notice", said.pk, queue="intake")
    _record(Verb.REMARK_MADE, post, actor, {"remark": said.pk})
    return said


@one_write()
def resolve(*, actor: User, remark: DraftComment) -> None:
    """Say that a remark is dealt with."""
    now = timezone.now()
    rows = DraftComment.objects.filter(pk=remark.pk, resolved_at__isnull=True)
    if not rows.update(resolved_by=actor, resolved_at=now):
        raise Overtaken("このコメントは、すでに解決済みです。")
    _record(Verb.REMARK_RESOLVED, remark.post, actor, {"remark": remark.pk})


@one_write()
def suggest(
    *, actor: User, post: Post, old: str, start: int, new: str, note: str = ""
) -> Suggestion:
    """Suggest other words for the passage `old`, which begins at `start` of the body."""
    post = lock(post)
    if not old or post.draft.body[start : start + len(old)] != old:
        raise Refused(MOVED_ON)
    if new == old:
        raise Refused("元の文と同じです。")
    made = Suggestion.objects.create(post=post, old=old, start=start, new=new, note=note, by=actor)
    _record(Verb.SUGGESTION_MADE, post, actor, {"suggestion": made.pk})
    return made


@one_write()
def accept(*, actor: User, suggestion: Suggestion) -> Post:
    """Take the suggested words over, as a change of one's own.

    Raises:
        Refused: the passage is no longer there, or the suggestion is one's own.
        Overtaken: it was settled meanwhile.
    """
    if suggestion.by_id == actor.pk:
        raise Refused("自分の提案は採用できません。本文を直接編集してください。")
    post = lock(suggestion.post)
    body = post.draft.body
    start = _find(body, suggestion)
    _settle(suggestion, SuggestionState.ACCEPTED, actor)
    changed = body[:start] + suggestion.new + body[start + len(suggestion.old) :]
    content = Content.from_json({**post.content, "body": changed})
    post = drafting.save(
        actor=actor, post=post, content=content, base_version=post.version, cut=True
    )
    _record(Verb.SUGGESTION_SETTLED, post, actor, {"suggestion": suggestion.pk, "taken": True})
    return post


@one_write()
def decline(*, actor: User, suggestion: Suggestion) -> None:
    _settle(suggestion, SuggestionState.DECLINED, actor)
    told = {"suggestion": suggestion.pk, "taken": False}
    _record(Verb.SUGGESTION_SETTLED, suggestion.post, actor, told)


def _find(body: str, suggestion: Suggestion) -> int:
    """Where the passage stands now: at its old place, or at the only place where it stands."""
    old = suggestion.old
    if body[suggestion.start : suggestion.start + len(old)] == old:
        return suggestion.start
    if body.count(old) == 1:
        return body.index(old)
    raise Refused(MOVED_ON)


def _settle(suggestion: Suggestion, to: SuggestionState, actor: User) -> None:
    try:
        move(suggestion, table=SUGGESTION_MOVES, to=to, settled_by=actor)
    except (StaleState, IllegalMove) as error:
        raise Overtaken("この提案は、すでに処理されています。") from error


def _record(verb: Verb, post: Post, actor: User, details: dict[str, Any]) -> None:
    record(actor=actor, verb=verb, target=post, details=details)
