"""Drafts of the policy and of its rules that somebody began. They are nobody's own: everybody who
manages them goes on with them, so they are shown and not handed over.
"""

from django.urls import reverse

from jspm_social.accounts.handover import Keeper, OpenWork
from jspm_social.accounts.models import User
from policy.models import PolicyVersion
from policy.states import VersionState

UNFINISHED = (VersionState.DRAFT, VersionState.REVIEW, VersionState.APPROVED)


def _open_work(person: User) -> list[OpenWork]:
    rows = PolicyVersion.objects.filter(created_by=person, state__in=UNFINISHED)
    return [
        OpenWork(
            title=f"{version}（{version.get_state_display()}）",
            url=reverse("versions:version", args=[version.pk]),
            note="委員長と管理者なら、だれでも続けられます。",
        )
        for version in rows
    ]


VERSIONS = Keeper("作成した運用方針の改定案", _open_work)
