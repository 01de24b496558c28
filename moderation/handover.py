"""What a moderator has in hand when they leave: manual tasks that they claimed."""

from django.urls import reverse

from jspm_social.accounts.handover import Keeper, OpenWork
from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from moderation.models import ManualTask
from moderation.services import tasks
from moderation.states import TaskState


def _claimed(person: User) -> list[ManualTask]:
    rows = ManualTask.objects.filter(claimed_by=person, state=TaskState.CLAIMED)
    return list(rows.select_related("decision__case__comment__channel").order_by("pk"))


def _open_work(person: User) -> list[OpenWork]:
    return [
        OpenWork(
            title=f"{task.get_effect_display()}（{task.decision.case.comment.channel}、"
            f"案件 {task.decision.case_id}）",
            url=reverse("moderation:case", args=[task.decision.case_id]),
        )
        for task in _claimed(person)
    ]


def _hand_over(actor: User | None, person: User, heir: User | None) -> None:
    for task in _claimed(person):
        tasks.pass_on(actor=actor, task=task, heir=heir)


TASKS = Keeper("引き受けている手作業", _open_work, _hand_over, needs=Capability.DECIDE)
