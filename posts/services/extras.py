"""Links for people without an account, and templates."""

from datetime import timedelta

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from posts.errors import Refused
from posts.models import Post, PostTemplate, ReviewLink
from posts.services.rows import lock

LINK_LASTS = timedelta(days=7)


@one_write()
def make_link(*, actor: User, post: Post, label: str) -> ReviewLink:
    """Make a link with which somebody without an account can read this post for a week."""
    if not label.strip():
        raise Refused("だれに渡すリンクかを書いてください。")
    made = ReviewLink.objects.create(
        post=lock(post),
        label=label,
        made_by=actor,
        expires_at=timezone.now() + LINK_LASTS,
    )
    record(actor=actor, verb=Verb.LINK_MADE, target=post, details={"link": made.pk})
    return made


@one_write()
def revoke_link(*, actor: User, link: ReviewLink) -> None:
    """End a link at once."""
    ReviewLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())
    record(actor=actor, verb=Verb.LINK_REVOKED, target=link.post, details={"link": link.pk})


def post_of_link(token: str) -> Post | None:
    """The post that a link shows; None for a wrong or an ended one."""
    link = ReviewLink.objects.filter(token=token, expires_at__gt=timezone.now()).first()
    return link.post if link else None


@one_write()
def keep_template(*, actor: User, post: Post, name: str) -> PostTemplate:
    """Keep the post's draft as a template; one of the same name is replaced."""
    if not name.strip():
        raise Refused("ひな形の名前を入力してください。")
    kept, _ = PostTemplate.objects.update_or_create(
        name=name.strip(),
        defaults={
            "purpose": post.purpose,
            "kind": post.kind,
            "content": post.content,
            "kept_by": actor,
        },
    )
    record(actor=actor, verb=Verb.TEMPLATE_KEPT, target=kept, details={"post": post.pk})
    return kept
