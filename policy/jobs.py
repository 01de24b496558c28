"""What the workers run for the policy. Each job takes ids and calls one service."""

from jspm_social.jobs import wake
from policy.announcements import announce as draft_notices, drafted
from policy.models import PolicyVersion
from policy.services import approving, enforcing, notices
from policy.states import VersionState


def announce(version_id: int) -> None:
    draft_notices(PolicyVersion.objects.select_related("created_by").get(pk=version_id))


def send_approval_notices(version_id: int) -> None:
    notices.asked(version=PolicyVersion.objects.get(pk=version_id))


def keep_versions() -> None:
    """Put into force what is due, and make drafts again of what nobody approved in time.

    A notice whose wake-up was lost is asked for again.
    """
    approving.put_back_expired()
    enforcing.bring_due_into_force()
    current = PolicyVersion.objects.filter(
        state=VersionState.IN_FORCE, created_by__isnull=False
    ).first()
    if current is not None and not drafted(current):
        wake(enforcing.ANNOUNCE, current.pk, queue="intake")
