"""Deputies, the committee's rules, links for people outside, templates."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from jspm_social.accounts.models import Deputyship
from jspm_social.accounts.roles import Role
from jspm_social.accounts.services import appoint_deputy, end_deputyship
from jspm_social.platforms.models import Channel
from posts.errors import Refused
from posts.models import ApprovalRule, BlackoutDay, Cadence, Post, PostTemplate, ReviewLink
from posts.services import extras, rules
from posts.states import PostState
from tests.people import People, client_of
from tests.posts.making import approve, draft, submit

TODAY = date(2026, 11, 6)


def appoint(people: People, days: int = 3) -> Deputyship:
    return appoint_deputy(
        actor=people.admin,
        absent=people.member,
        deputy=people.moderator,
        role=Role.MEMBER,
        first_day=TODAY,
        last_day=TODAY + timedelta(days=days),
    )


def test_a_deputy_approves_while_it_lasts(people: People, channel: Channel) -> None:
    with time_machine.travel(TODAY, tick=False) as clock:
        submission = submit(people.admin, draft(people.admin, channel))
        with pytest.raises(Refused, match="役割"):
            approve(people.moderator, submission)
        appointed = appoint(people)
        clock.shift(timedelta(days=4))
        with pytest.raises(Refused, match="役割"):
            approve(people.moderator, submission)
        clock.shift(timedelta(days=-2))
        end_deputyship(actor=people.admin, deputyship=appointed)
        with pytest.raises(Refused, match="役割"):
            approve(people.moderator, submission)
        appoint(people)
        approve(people.moderator, submission)
        assert Post.objects.get().state == PostState.APPROVED


def test_a_deputy_who_wrote_it_does_not_approve_it(people: People, channel: Channel) -> None:
    with time_machine.travel(TODAY, tick=False):
        appoint(people)
        submission = submit(people.admin, draft(people.moderator, channel))
        with pytest.raises(Refused, match="関わった人"):
            approve(people.moderator, submission)


def test_nobody_stands_in_for_what_the_other_is_not(people: People) -> None:
    days = {"first_day": TODAY, "last_day": TODAY}
    for absent, deputy, role, reason in (
        (people.member, people.moderator, Role.CHAIR, "役割を持っていません"),
        (people.member, people.member, Role.MEMBER, "本人"),
    ):
        with pytest.raises(ValidationError, match=reason):
            appoint_deputy(actor=people.admin, absent=absent, deputy=deputy, role=role, **days)


def test_the_deputies_page(people: People) -> None:
    chair = client_of(people.chair)
    today = timezone.localdate()
    sent = {
        "absent": people.member.pk,
        "deputy": people.moderator.pk,
        "role": "member",
        "first_day": today.isoformat(),
        "last_day": (today - timedelta(days=1)).isoformat(),
    }
    answer = chair.post(reverse("posts:deputies"), sent)
    assert "最終日は、初日より後" in answer.content.decode()
    chair.post(reverse("posts:deputies"), sent | {"last_day": today.isoformat()})
    row = Deputyship.objects.get()
    chair.post(reverse("posts:deputies"), {"end": row.pk})
    assert not Deputyship.objects.exists()


def test_the_committees_rules_from_the_page(people: People, channel: Channel) -> None:
    chair = client_of(people.chair)
    page = reverse("posts:settings")
    chair.post(
        page,
        {"what": "rule", "because": "委員会で決定", "kind": "event", "role": "chair", "count": 1},
    )
    chair.post(
        page,
        {
            "what": "rule",
            "because": "委員会で決定",
            "channel": channel.pk,
            "role": "member",
            "count": 2,
        },
    )
    told = {(r.kind, r.channel_id, r.role, r.count) for r in ApprovalRule.objects.all()}
    assert told == {("event", None, "chair", 1), ("", channel.pk, "member", 2)}
    chair.post(
        page,
        {"what": "rule", "because": "委員会で決定", "kind": "event", "role": "chair", "count": 0},
    )
    assert ApprovalRule.objects.get().role == "member"
    answer = chair.post(
        page, {"what": "rule", "because": "委員会で決定", "role": "member", "count": 9}
    )
    assert answer.status_code == 422
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    chair.post(page, {"what": "blackout", "because": "委員会で決定", "day": day, "reason": "追悼"})
    assert BlackoutDay.objects.get().reason == "追悼"
    chair.post(page, {"what": "blackout", "because": "委員会で決定", "day": day, "reason": ""})
    assert not BlackoutDay.objects.exists()
    measure = {"channel": channel.pk, "gap_minutes": 30, "per_day": 5, "per_week": 0}
    chair.post(
        page,
        {
            "what": "cadence",
            "because": "委員会で決定",
            **measure,
            "quiet_from": "22:00",
            "quiet_to": "",
        },
    )
    row = Cadence.objects.get()
    assert (row.gap_minutes, row.per_week, row.quiet_to) == (30, 0, None)
    assert "30分以上あける" in chair.get(page).content.decode()
    typed: dict[str, Any] = {"actor": people.chair, "channel": None, "role": "member", "count": 1}
    with pytest.raises(Refused, match="役割と種類"):
        rules.set_approval_rule(**typed, kind="x", because="委員会で決定")
    with pytest.raises(Refused, match="変える理由"):
        rules.set_approval_rule(**typed, kind="event", because=" ")


def test_the_committees_rules_tell_who_changed_them_and_why(
    people: People, channel: Channel
) -> None:
    chair, page = client_of(people.chair), reverse("posts:settings")
    typed = {"what": "rule", "kind": "event", "role": "chair", "count": 1}
    refused = chair.post(page, typed)
    assert refused.status_code == 422
    assert not ApprovalRule.objects.exists()
    chair.post(page, typed | {"because": "学術大会の前に慎重を期すため"})
    told = chair.get(page).content.decode()
    assert "承認：イベント告知・すべての投稿先：委員長1人（前は0人）" in told
    assert "学術大会の前に慎重を期すため" in told
    assert "chair さん" in told


def test_a_link_shows_a_draft_for_a_week_and_nothing_to_press(
    people: People, channel: Channel
) -> None:
    post = draft(people.member, channel, body="ひみつの下書き")
    member, nobody = client_of(people.member), client_of(None)
    member.post(reverse("posts:make_link", args=[post.pk]), {"label": ""})
    assert not ReviewLink.objects.exists()
    member.post(reverse("posts:make_link", args=[post.pk]), {"label": "監修の先生"})
    link = ReviewLink.objects.get()
    page = reverse("posts:look", args=[link.token])
    answer = nobody.get(page)
    assert "ひみつの下書き" in answer.content.decode()
    assert "<form" not in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    assert nobody.get(page.replace(link.token, link.token[:-1])).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert nobody.get(page).status_code == 404
    member.post(reverse("posts:revoke_link", args=[link.pk]))
    assert nobody.get(page).status_code == 404


def test_a_template_begins_a_draft(people: People, channel: Channel) -> None:
    post = draft(people.admin, channel, body="第●回セミナーのご案内")
    member = client_of(people.member)
    member.post(reverse("posts:keep_template", args=[post.pk]), {"name": "セミナー"})
    extras.keep_template(actor=people.member, post=post, name="セミナー")
    kept = PostTemplate.objects.get()
    assert "セミナー" in member.get(reverse("posts:begin")).content.decode()
    member.post(reverse("posts:use_template", args=[kept.pk]))
    made = Post.objects.exclude(pk=post.pk).get()
    assert (made.draft, made.created_by) == (post.draft, people.member)
