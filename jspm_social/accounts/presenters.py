"""People as the pages show them."""

from typing import Any

from django.utils import timezone

from jspm_social.accounts.models import AccessAnswer, AccessReview, Deputyship, Leave, User
from jspm_social.accounts.queries import managers, to_review
from jspm_social.accounts.roles import Role
from jspm_social.audit.models import AuditEvent
from jspm_social.audit.verbs import Verb, label
from jspm_social.audit.wording import personal_text

LATEST = 30  # events on a person's page; all of them stand on the audit page


def listed() -> list[dict[str, Any]]:
    """Everybody, the active first, with leaves and deputies that are not over."""
    today = timezone.localdate()
    leaves: dict[int, list[Leave]] = {}
    for leave in Leave.objects.filter(last_day__gte=today):
        leaves.setdefault(leave.person_id, []).append(leave)
    deputies: dict[int, list[Deputyship]] = {}
    for row in Deputyship.objects.filter(last_day__gte=today).select_related("deputy"):
        deputies.setdefault(row.absent_id, []).append(row)
    return [
        {
            "person": person,
            "leaves": leaves.get(person.pk, []),
            "away": any(one.first_day <= today for one in leaves.get(person.pk, [])),
            "deputies": deputies.get(person.pk, []),
        }
        for person in User.objects.order_by("-is_active", "reading", "username")
    ]


def standing(person: User) -> dict[str, Any]:
    """Leaves and deputyships of one person that are not over."""
    today = timezone.localdate()
    rows = Deputyship.objects.filter(last_day__gte=today).select_related("absent", "deputy")
    leaves = list(person.leaves.filter(last_day__gte=today))
    return {
        "leaves": leaves,
        "away": any(one.first_day <= today for one in leaves),
        "deputies": rows.filter(absent=person),
        "stands_in": rows.filter(deputy=person),
    }


def history(person: User) -> list[dict[str, Any]]:
    """What happened to the person's access, the latest first: who, when, why."""
    events = AuditEvent.objects.filter(target_type="accounts.user", target_id=str(person.pk))
    return [
        {
            "at": event.at,
            "actor": event.actor_name,
            "text": label(event.verb),
            "detail": "　".join(
                part for part in (_roles_changed(event), personal_text(event)) if part
            ),
        }
        for event in events.select_related("personal")[:LATEST]
    ]


def _roles_changed(event: AuditEvent) -> str:
    if event.verb != Verb.USER_ROLES_SET:
        return ""
    return f"{_named(event.details['before'])} → {_named(event.details['after'])}"


def _named(roles: list[str]) -> str:
    return "・".join(role.label for role in Role if role in roles) or "役割なし"


def reviewed(review: AccessReview, viewer: User) -> dict[str, Any]:
    """Who is still to be answered for, whom the viewer may answer for, and the answers given."""
    alone = not managers().exclude(pk=viewer.pk).exists()
    waiting = [
        {"person": person, "may": alone or person.pk != viewer.pk} for person in to_review(review)
    ]
    answers: list[AccessAnswer] = list(review.answers.select_related("person", "by"))
    return {"waiting": waiting, "answers": answers}
