"""Whose care an unfinished post is in, and how it passes on when they leave.

Authorship stays as it was: whoever wrote a post still cannot approve it.
"""

from django.db.models import Q, QuerySet
from django.urls import reverse

from jspm_social.accounts.handover import Keeper, OpenWork
from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from posts.models import Post
from posts.services.rows import lock
from posts.states import PostState

FINISHED = (PostState.SENT, PostState.DROPPED)


def in_care_of(person: User) -> QuerySet[Post]:
    """The unfinished posts that this person began, unless somebody else took them over."""
    theirs = Q(in_charge=person) | Q(in_charge=None, created_by=person)
    return Post.objects.filter(theirs).exclude(state__in=FINISHED).order_by("pk")


@one_write()
def put_in_charge(*, actor: User | None, post: Post, person: User) -> None:
    """From now on `person` looks after the post, and is told when it needs somebody."""
    post = lock(post)
    before, post.in_charge = post.in_charge_id or post.created_by_id, person
    post.save(update_fields=["in_charge"])
    record(
        actor=actor,
        verb=Verb.POST_HANDED_OVER,
        target=post,
        details={"before": before, "after": person.pk},
    )


def _open_work(person: User) -> list[OpenWork]:
    return [
        OpenWork(
            title=f"{post.title}（{post.get_state_display()}）",
            url=reverse("posts:post", args=[post.pk]),
        )
        for post in in_care_of(person)
    ]


def _hand_over(actor: User | None, person: User, heir: User | None) -> None:
    if heir is None:
        return  # anybody can go on with a draft; nobody is told in particular
    for post in in_care_of(person):
        put_in_charge(actor=actor, post=post, person=heir)


DRAFTS = Keeper("担当している投稿", _open_work, _hand_over, needs=Capability.DRAFT_POSTS)
