"""Lists of posts: one line each, with what it waits for."""

from typing import Any

from django.urls import reverse

from posts.models import Delivery, Post
from posts.presenters.page import TONES, plain
from posts.states import PostState


def post_row(post: Post) -> dict[str, Any]:
    """`post` comes with its people and the channels' names (queries.listed)."""
    return {
        "url": reverse("posts:post", args=[post.pk]),
        "title": post.title,
        "start": post.content["body"][:80],
        "state": post.get_state_display(),
        "tone": TONES[PostState(post.state)],
        "kind": post.get_kind_display(),
        "author": post.created_by.display_name,
        "edited_at": post.edited_at,
        "next_at": post.next_at,  # type: ignore[attr-defined]  # annotated by queries.listed
        "trouble": post.troubles > 0,  # type: ignore[attr-defined]  # likewise
    }


def trouble_row(delivery: Delivery) -> dict[str, Any]:
    """A delivery that needs a person, and why (queries.in_trouble)."""
    return {
        "url": reverse("posts:post", args=[delivery.post_id]),
        "title": delivery.post.title,
        "channel": str(delivery.channel),
        "state": delivery.get_state_display(),
        "planned_at": delivery.planned_at,
        "reason": plain(delivery.trouble),
    }
