"""The emergency stops."""

from jspm_social.audit.models import AuditEvent
from jspm_social.platforms.models import StopSwitch
from jspm_social.platforms.switch import resume, stop
from tests.people import People

EFFECTS, PUBLISHING = StopSwitch.Kind.EFFECTS, StopSwitch.Kind.PUBLISHING


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def test_stop_keeps_who_and_why(people: People) -> None:
    switch = stop(actor=people.member, kind=EFFECTS, reason="様子がおかしい")
    assert (switch.kind, switch.stopped_by, switch.reason) == (
        EFFECTS,
        people.member,
        "様子がおかしい",
    )
    event = AuditEvent.objects.select_related("personal").get()
    assert (event.verb, event.actor_id) == ("switch.stopped", people.member.pk)
    assert (event.details, event.personal.data) == (
        {"kind": "effects"},
        {"reason": "様子がおかしい"},
    )


def test_stop_twice_keeps_the_first(people: People) -> None:
    first = stop(actor=people.member, kind=EFFECTS, reason="一つ目")
    assert stop(actor=people.chair, kind=EFFECTS, reason="二つ目") == first
    assert StopSwitch.objects.get().reason == "一つ目"
    assert verbs() == ["switch.stopped"]


def test_resume_lets_go_of_its_own_kind_only(people: People) -> None:
    for kind in (EFFECTS, PUBLISHING):
        stop(actor=people.member, kind=kind, reason="試験")
    assert resume(actor=people.moderator, kind=EFFECTS)
    assert list(StopSwitch.objects.values_list("kind", flat=True)) == [PUBLISHING]
    assert verbs()[-1] == "switch.resumed"


def test_resume_of_what_runs_is_no_event(people: People) -> None:
    assert not resume(actor=people.moderator, kind=EFFECTS)
    assert verbs() == []
