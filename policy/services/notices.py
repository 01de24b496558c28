"""Mails about a version of the policy: a link and what is asked, never the text itself.

A lost mail is no loss: the same stands on the version's page.
"""

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from jspm_social.accounts.models import User
from jspm_social.approvals.queries import can_vote, latest_for
from jspm_social.templatetags.ja import moment_text
from policy.models import PolicyVersion
from policy.states import VersionState

log = logging.getLogger(__name__)


def asked(*, version: PolicyVersion) -> None:
    """Tell everybody who can approve that a version waits for them; nobody, once it does not."""
    request = latest_for(version)
    if version.state != VersionState.REVIEW or request is None:
        return
    link = settings.SITE_URL.rstrip("/") + reverse("versions:version", args=[version.pk])
    until = moment_text(request.expires_at)
    body = f"運用方針の改定案の承認依頼があります（回答期限 {until}）。\n\n{version}\n{link}\n"
    for person in User.objects.at_work().exclude(email=""):
        if can_vote(request, person):
            _mail(person, body)


def _mail(person: User, body: str) -> None:
    try:
        send_mail("【広報コンソール】運用方針の承認依頼", body, None, [person.email])
    except (OSError, ValueError) as error:  # what SMTP says is an OSError; it has addresses
        log.warning("no notice to user %s: %s", person.pk, type(error).__name__)
