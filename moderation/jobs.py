"""What the workers run. Each job takes ids, finds its rows, and calls one service."""

from django.utils import timezone

from jspm_social.approvals.services import expire_due
from jspm_social.jobs import wake
from jspm_social.platforms.health import readable
from jspm_social.platforms.models import Channel, Heartbeat, StopSwitch
from jspm_social.platforms.names import Platform
from jspm_social.platforms.operations import due, readable_unknowns, stopped
from jspm_social.platforms.webhooks import inbox, refusals
from moderation.models import Action, Case
from moderation.services import (
    act,
    deliveries,
    erase,
    measure as measuring,
    notice,
    remote,
    second_look,
    specimens,
    triage,
)
from moderation.services.pull import pull as pull_channel
from moderation.services.second import put_back_expired

AT_ONCE = 500  # rows that one sweep wakes workers for


def send(action_id: int) -> None:
    act.send(action_id=action_id)


def reconcile(action_id: int) -> None:
    act.reconcile(action_id=action_id)


def pull(channel_id: int) -> None:
    pull_channel(channel=Channel.objects.get(pk=channel_id))


def take_delivery(delivery_id: int) -> None:
    deliveries.take(delivery_id=delivery_id)


def send_care_notice(case_id: int) -> None:
    notice.send_care_notice(case=Case.objects.get(pk=case_id))


def sweep() -> None:
    """Find everything that is due and wake the workers for it. Whatever was lost comes back here:
    effects and reconciliations, notices of the care lane, comments not yet judged.
    """
    _beat("act")
    act.mark_lapsed()
    now = timezone.now()
    if not stopped(StopSwitch.Kind.EFFECTS):
        for pk in due(Action.objects.all(), now).values_list("pk", flat=True)[:AT_ONCE]:
            wake("moderation.jobs.send", pk, queue="act")
    unknown = readable_unknowns(Action.objects.all(), now)
    for pk in unknown.values_list("pk", flat=True)[:AT_ONCE]:
        wake("moderation.jobs.reconcile", pk, queue="act")
    for pk in notice.untold().values_list("pk", flat=True)[:AT_ONCE]:
        wake("moderation.jobs.send_care_notice", pk, queue="act")
    expire_due()
    put_back_expired()


def catch_up() -> None:
    """Take in what webhooks told, judge what was stored but not judged, read every channel that
    may be read (chats cannot be), and draw the week's sample once it is due.
    """
    _beat("intake")
    for pk in inbox.due().order_by("pk").values_list("pk", flat=True)[:AT_ONCE]:
        wake(inbox.JOB, pk, queue="intake")
    refusals.tell_rest()
    triage.judge_pending()
    now = timezone.now()
    for pk in readable(now).exclude(platform=Platform.LINE).values_list("pk", flat=True):
        wake("moderation.jobs.pull", pk, queue="intake")
    second_look.draw_weekly_sample()


def forget() -> None:
    """Erase what is kept for a time only: chats, and what was remembered about deliveries."""
    erase.erase_expired()
    erase.forget_tombstones()
    inbox.forget_old()


def measure() -> None:
    """Count what people decided, and choose what they are asked to label."""
    specimens.forget_old_doubles()
    specimens.draw_weekly_double()
    specimens.fill_list()
    measuring.count_lately()


def consult() -> None:
    """Ask the optional judge outside the house about what was judged lately."""
    remote.consult_waiting()


def _beat(name: str) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})
