"""Writing a draft: begin, save, drop. Two people never overwrite each other.

Everybody who changes the content becomes a contributor, and a contributor cannot approve it
(§3(1)); whoever saves what stands there already has changed nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.transitions import move
from posts.content import Content
from posts.errors import Overtaken, Refused
from posts.models import Contribution, Post
from posts.services import gate
from posts.services.rows import OVERTAKEN, cut_revision, lock
from posts.states import EDITABLE, POST_MOVES, PostState

NEW_REVISION_AFTER = timedelta(minutes=10)  # what one person types in one go is one revision


@one_write()
def begin(
    *,
    actor: User,
    title: str,
    purpose: Post.Purpose,
    kind: Post.Kind = Post.Kind.NOTICE,
    content: Content | None = None,
    corrects: Post | None = None,
) -> Post:
    """Begin a draft, whose first revision is `content`."""
    now = timezone.now()
    post = Post.objects.create(
        title=title,
        purpose=purpose,
        kind=kind,
        content=(content or Content()).to_json(),
        corrects=corrects,
        edited_by=actor,
        edited_at=now,
        created_by=actor,
    )
    cut_revision(post, now)
    _contribute(post, actor, now)
    _record(Verb.POST_BEGUN, post, actor)
    return post


@one_write()
def save(
    *,
    actor: User,
    post: Post,
    content: Content,
    base_version: int,
    cut: bool = False,
    title: str | None = None,
) -> Post:
    """Store the draft as `actor` left it, if nobody saved since `base_version`.

    A change voids the votes that were cast or are still awaited; saving what stands there already
    keeps them. `cut` makes a revision at once (the person pressed 保存); without it (autosave) one
    is made when another person goes on, or after ten minutes.

    Raises:
        Overtaken: somebody else saved first; nothing is lost on either side.
        Refused: the post is scheduled, sent or dropped, and therefore locked.
    """
    post = lock(post)
    _require_editable(post)
    if post.version != base_version:
        raise Overtaken(OVERTAKEN)
    now, told = timezone.now(), content.to_json()
    if title is not None and title.strip() and title != post.title:
        post.title = title
        post.save(update_fields=["title"])
    if told == post.content:
        if cut:
            cut_revision(post, now)
        return post
    _keep_what_the_other_wrote(post, actor, now)
    gate.void(post, actor, "内容の変更")
    post.content, post.version = told, post.version + 1
    post.edited_by, post.edited_at = actor, now
    post.save(update_fields=["content", "version", "edited_by", "edited_at"])
    if cut or _is_time(post, now):
        cut_revision(post, now)
    _contribute(post, actor, now)
    _record(Verb.POST_EDITED, post, actor)
    return post


@one_write()
def relate(*, actor: User, post: Post, facts: Mapping[str, Any], base_version: int) -> Post:
    """Say what the post speaks of: `event`, `sources`, `sponsor`, `embargo_until` and
    `expires_at`, when it is taken down again.

    Whoever approves approves it with these, so a change voids votes like one of the text.

    Raises: as `save`.
    """
    post = lock(post)
    _require_editable(post)
    if post.version != base_version:
        raise Overtaken(OVERTAKEN)
    sources = list(facts["sources"])
    columns = {name: facts[name] for name in ("event", "sponsor", "embargo_until", "expires_at")}
    same = all(getattr(post, name) == value for name, value in columns.items())
    if same and set(post.sources.all()) == set(sources):
        return post
    now = timezone.now()
    gate.void(post, actor, "関連情報の変更")
    for name, value in columns.items():
        setattr(post, name, value)
    post.version, post.edited_by, post.edited_at = post.version + 1, actor, now
    post.save(update_fields=[*columns, "version", "edited_by", "edited_at"])
    post.sources.set(sources)
    _contribute(post, actor, now)
    _record(Verb.POST_EDITED, post, actor)
    return post


@one_write()
def drop(*, actor: User, post: Post, reason: str) -> None:
    """Give a post up before it went out. It can be taken up again."""
    post = lock(post)
    if PostState.DROPPED not in POST_MOVES[post.state]:
        raise Refused(f"「{post.get_state_display()}」の投稿は取りやめにできません。")
    gate.void(post, actor, "取りやめ")
    move(post, table=POST_MOVES, to=PostState.DROPPED)
    _record(Verb.POST_DROPPED, post, actor, reason)


@one_write()
def take_up(*, actor: User, post: Post) -> None:
    """Go on with a post that was given up."""
    post = lock(post)
    if post.state != PostState.DROPPED:
        raise Refused("取りやめになっていない投稿です。")
    move(post, table=POST_MOVES, to=PostState.DRAFT)
    _record(Verb.POST_TAKEN_UP, post, actor)


def _keep_what_the_other_wrote(post: Post, actor: User, now: datetime) -> None:
    if post.edited_by_id != actor.pk:
        cut_revision(post, now)


def _is_time(post: Post, now: datetime) -> bool:
    last = post.revisions.order_by("-number").values_list("created_at", flat=True).first()
    return last is None or now - last >= NEW_REVISION_AFTER


def _require_editable(post: Post) -> None:
    if post.state == PostState.SCHEDULED:
        raise Refused("予約済みの投稿は編集できません。先に予約を取り消してください。")
    if post.state not in EDITABLE:
        raise Refused(f"「{post.get_state_display()}」の投稿は編集できません。")


def _contribute(post: Post, actor: User, now: datetime) -> None:
    Contribution.objects.update_or_create(post=post, person=actor, defaults={"last_at": now})


def _record(verb: Verb, post: Post, actor: User, reason: str = "") -> None:
    record(
        actor=actor,
        verb=verb,
        target=post,
        details={"state": post.state, "version": post.version},
        personal={"reason": reason} if reason else None,
    )
