"""What the tests of the policy's versions store, through the project's own services."""

from datetime import timedelta
from unittest.mock import patch

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.approvals.states import Choice
from policy.models import PolicyVersion
from policy.queries import content_hash
from policy.services import approving, drafting, enforcing
from policy.states import VersionState
from tests.people import People

SUMMARY = "投稿の頻度を見直しました。あわせて、表記を整えました。"
OLD = "各ソーシャルメディアプラットフォームの特性に応じ、適切な頻度で投稿を行います。"
NEW = "各ソーシャルメディアプラットフォームの特性に応じ、週に2回を目安に投稿を行います。"


def again(version: PolicyVersion) -> PolicyVersion:
    return PolicyVersion.objects.get(pk=version.pk)


def write(actor: User, version: PolicyVersion, anchor: str, text: str) -> None:
    """Change the text of a clause as it stands now."""
    clause = version.clauses.get(anchor=anchor)
    drafting.save_clause(
        actor=actor,
        version=version,
        anchor=anchor,
        heading=clause.heading,
        text=text,
        base=clause.edit_number,
    )


def draft(actor: User, *, days: int = 3, anchor: str = "c3-3") -> PolicyVersion:
    """A draft that could be put up: one clause changed, a summary, a day of effect."""
    version = drafting.begin(actor=actor)
    write(actor, version, anchor, NEW)
    return drafting.describe(
        actor=actor,
        version=version,
        title=version.title,
        effective_from=timezone.localdate() + timedelta(days=days),
        summary=SUMMARY,
        base=version.edit_number,
    )


def submitted(actor: User, version: PolicyVersion) -> PolicyVersion:
    approving.submit(actor=actor, version=version, seen_hash=content_hash(version))
    return again(version)


def approve(actor: User, version: PolicyVersion) -> PolicyVersion:
    return approving.answer(
        actor=actor, version=version, seen_hash=content_hash(version), choice=Choice.APPROVE
    )


def approved(people: People, *, anchor: str = "c3-3") -> PolicyVersion:
    """Written by the administrator, approved by a member and the chair."""
    version = submitted(people.admin, draft(people.admin, anchor=anchor))
    approve(people.member, version)
    version = approve(people.chair, version)
    assert version.state == VersionState.APPROVED
    return version


def in_force(people: People, *, anchor: str = "c3-3") -> PolicyVersion:
    """Version 2, in force since its day."""
    return in_force_from(approved(people, anchor=anchor))


def in_force_from(version: PolicyVersion) -> PolicyVersion:
    """The same once its day has come."""
    with patch("django.utils.timezone.localdate", return_value=version.effective_from):
        (done,) = enforcing.bring_due_into_force()
    return done
