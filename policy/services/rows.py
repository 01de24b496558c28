"""What every verb on a draft begins with: its row, taken for this write."""

from jspm_social.accounts.models import User
from jspm_social.audit.services import record
from jspm_social.audit.verbs import Verb
from policy.errors import Refused
from policy.models import Clause, PolicyVersion
from policy.states import VersionState

OVERTAKEN = "ほかの人が先に保存しました。内容を見比べてから、もう一度保存してください。"


def lock(version: PolicyVersion) -> PolicyVersion:
    """Take the version for this write. Every service of a version begins here."""
    return PolicyVersion.objects.select_for_update(no_key=True).get(pk=version.pk)


def lock_draft(version: PolicyVersion) -> PolicyVersion:
    """Take a draft for this write.

    Raises:
        Refused: it is no draft, and its text therefore fixed.
    """
    version = lock(version)
    if version.state != VersionState.DRAFT:
        raise Refused(f"「{version.get_state_display()}」の版は編集できません。")
    return version


def find(version: PolicyVersion, anchor: str) -> Clause:
    """Return a clause of the version.

    Raises:
        Refused: it has been removed.
    """
    clause = version.clauses.filter(anchor=anchor).first()
    if clause is None:
        raise Refused("この条項は、ほかの人が削除しました。")
    return clause


def tell(
    verb: Verb,
    version: PolicyVersion,
    actor: User | None,
    *,
    clause: str = "",
    personal: dict[str, str] | None = None,
    **details: object,
) -> None:
    """Append the event. Part of the caller's write, last in it."""
    record(
        actor=actor,
        verb=verb,
        target=version,
        clause=clause,
        policy_version=str(version),
        details={"state": version.state, **details},
        personal=personal,
    )
