"""The mail that calls a person to the care lane: a link, and no word of the comment."""

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from jspm_social.audit.services import record
from moderation.models import Case
from moderation.states import ACTIVE_CASES, Lane

log = logging.getLogger(__name__)

SUBJECT = "【広報コンソール】すぐに確認していただきたいコメントがあります"
BODY = """見守りの案件が届きました。できるだけ早くご確認ください。

{link}

このメールには、コメントの内容は記載していません。
"""


def untold() -> QuerySet[Case]:
    """Return the care cases, decided or not, of which nobody was told by mail yet."""
    return Case.objects.filter(lane=Lane.CARE, care_notice_at__isnull=True, state__in=ACTIVE_CASES)


def send_care_notice(*, case: Case) -> bool:
    """Tell everybody who decides that a care case waits. False when it was told before.

    Sent at least once: the case is marked after the mail server took the mail, so that a crash
    in between repeats the mail rather than losing it.
    """
    if not untold().filter(pk=case.pk).exists():
        return False
    recipients = [
        user.email
        for user in User.objects.filter(is_active=True).exclude(email="")
        if user.can(Capability.DECIDE)
    ]
    if not recipients:
        log.error("a care case waits and nobody who decides has a mail address")
    link = settings.SITE_URL.rstrip("/") + reverse("moderation:case", args=[case.pk])
    for address in recipients:  # one mail each: nobody's address is shown to the others
        send_mail(SUBJECT, BODY.format(link=link), None, [address])
    with transaction.atomic():
        Case.objects.filter(pk=case.pk, care_notice_at__isnull=True).update(
            care_notice_at=timezone.now()
        )
        record(
            actor=None,
            verb="case.care_notified",
            target=case,
            details={"recipients": len(recipients)},
        )
    return True
