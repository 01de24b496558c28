"""Mails about access: an invitation, and the reminder of the yearly review."""

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from jspm_social.accounts.models import AccessReview, Invitation
from jspm_social.accounts.queries import invitation_key, managers
from jspm_social.templatetags.ja import moment_text

log = logging.getLogger(__name__)

INVITED = """{name} 様

日本緩和医療学会 広報委員会の「広報コンソール」に招待されました。
次のリンクを開き、パスワードを設定してください。利用者名は {username} です。

{link}

このリンクは一度だけ、{until}まで使えます。
心当たりがない場合は、このメールを破棄してください。
"""
REVIEW = """「広報コンソール」を利用できる人の、年に一度の見直しをお願いします。
一人ずつ、利用を続けるか停止するかを確認してください。

{link}
"""


class NotSent(Exception):
    """No mail server took the mail; what it was about stays due."""


def invited(*, invitation: Invitation) -> None:
    """Send the link.

    Raises:
        NotSent: the mail was not taken.
    """
    link = _link("accounts:invitation_link", invitation_key(invitation))
    body = INVITED.format(
        name=invitation.display_name,
        username=invitation.username,
        link=link,
        until=moment_text(invitation.expires_at),
    )
    if not _mail("【広報コンソール】ご招待", body, invitation.email, invitation.pk):
        raise NotSent(f"invitation {invitation.pk}")


def review_due(*, review: AccessReview) -> int:
    """Remind those who manage people. Returns how many mails were taken."""
    body = REVIEW.format(link=_link("accounts:review", review.pk))
    people = managers().exclude(email="")
    return sum([_mail("【広報コンソール】利用者の見直し", body, p.email, p.pk) for p in people])


def _link(name: str, argument: int | str) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(name, args=[argument])


def _mail(subject: str, body: str, address: str, pk: int) -> bool:
    try:
        send_mail(subject, body, None, [address])
    except (OSError, ValueError) as error:  # what SMTP says is an OSError; it has addresses
        log.warning("no mail about access to %s: %s", pk, type(error).__name__)
        return False
    return True
