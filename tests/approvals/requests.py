"""Requests for approval, as the tests make them."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.approvals.models import ApprovalRequest
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.services import open_request
from tests.people import People

CONTENT: Final = hashlib.sha256("お知らせ".encode()).hexdigest()
EDITED: Final = hashlib.sha256("お知らせ。".encode()).hexdigest()
MODERATOR: Final = Slot(Role.MODERATOR, 1)


def make_request(
    people: People,
    *slots: Slot,
    contributors: Sequence[User] | None = None,
    **words: Any,
) -> ApprovalRequest:
    """Open a request by `people.moderator`, who is its only contributor unless others are named.

    The subject is the outsider's account: any stored row will do.
    """
    words = {
        "actor": people.moderator,
        "subject": people.outsider,
        "content_hash": CONTENT,
        "expires_at": timezone.now() + timedelta(days=3),
        **words,
    }
    by = [people.moderator] if contributors is None else contributors
    return open_request(slots=slots or [MODERATOR], contributors=by, **words)
