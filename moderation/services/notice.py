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
from jspm_social.audit.verbs import Verb
from moderation.models import Case
from moderation.states import ACTIVE_CASES, Lane

log = logging.getLogger(__name__)

SUBJECT = "【広報コンソール】すぐに確認していただきたいコメントがあります"
BODY = """見守りの案件が届きました。できるだけ早くご確認ください。

{link}

このメールには、コメントの内容は記載していません。
"""


class NobodyReached(Exception):
    """No mail server took the care notice for anybody."""


def untold() -> QuerySet[Case]:
    """Return the care cases, decided or not, of which nobody was told by mail yet."""
    return Case.objects.filter(lane=Lane.CARE, care_notice_at__isnull=True, state__in=ACTIVE_CASES)


def send_care_notice(*, case: Case) -> bool:
    """Tell everybody who decides, and is not on leave, that a care case waits; where all of them
    are on leave, all of them: somebody's life may hang on it. False when it was told before.

    Sent at least once: the case is marked after the mail server took the mail, so that a crash
    in between repeats the mail rather than losing it. An address that is refused keeps the mail
    from nobody else.

    Raises:
        NobodyReached: no mail was taken. The case stays due; as a failed job keeps its name a
            while, the sweep asks for it again only after that.
    """
    if not untold().filter(pk=case.pk).exists():
        return False
    link = settings.SITE_URL.rstrip("/") + reverse("moderation:case", args=[case.pk])
    recipients = _deciders(User.objects.at_work()) or _deciders(User.objects.all())
    reached = sum([_tell(user, BODY.format(link=link)) for user in recipients])
    if not reached:
        log.error("a care case waits, and none of %s people could be told", len(recipients))
        raise NobodyReached(f"case {case.pk}")
    _mark_told(case, reached)
    return True


def _deciders(people: QuerySet[User]) -> list[User]:
    return [user for user in people.exclude(email="") if user.can(Capability.DECIDE)]


def _tell(user: User, body: str) -> bool:
    """Send one mail, so that nobody's address is shown to the others. False if it was refused."""
    try:
        send_mail(SUBJECT, body, None, [user.email])
    except (OSError, ValueError) as error:  # what SMTP says is an OSError; its text has addresses
        log.warning("no care notice to user %s: %s", user.pk, type(error).__name__)
        return False
    return True


@transaction.atomic
def _mark_told(case: Case, reached: int) -> None:
    Case.objects.filter(pk=case.pk, care_notice_at__isnull=True).update(
        care_notice_at=timezone.now()
    )
    record(actor=None, verb=Verb.CASE_CARE_NOTIFIED, target=case, details={"recipients": reached})
