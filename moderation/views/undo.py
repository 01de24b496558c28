"""The bar that offers to take the last decision back."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.committee.catalogue import UNDO_SECONDS
from jspm_social.committee.queries import number
from moderation.presenters.case import decided
from moderation.queries import pending_undo


def undo_context(user: User) -> dict[str, Any] | None:
    """Return what components/undo.html shows, None when nothing can be taken back."""
    decision = pending_undo(user)
    if decision is None:
        return None
    left = (decision.undo_until - timezone.now()).total_seconds()
    return {
        "text": f"案件 {decision.case_id}：「{decided(decision)}」と記録しました",
        "until": decision.undo_until,
        "seconds_left": max(0, round(left)),
        "seconds_total": number(UNDO_SECONDS),
        "url": reverse("moderation:undo", args=[decision.pk]),
        "refresh_url": reverse("moderation:undo_bar"),
    }
