"""Drafting a version, having it approved, and putting it into force on its day."""

from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.mail import EmailMessage
from django.db import close_old_connections, connection
from django.utils import timezone

from jspm_social.accounts.roles import Role
from jspm_social.approvals.queries import latest_for
from jspm_social.approvals.services import expire_due
from jspm_social.approvals.states import Choice, RequestState
from jspm_social.audit.models import AuditEvent
from policy import carried, jobs
from policy.criteria import Criterion
from policy.errors import Overtaken, Refused
from policy.models import Clause, PolicyVersion, RuleSet
from policy.numbering import Level
from policy.queries import (
    active_ruleset,
    clause_for,
    compiled_active_ruleset,
    content_hash,
    policy_in_force,
    text_sha256,
)
from policy.services import approving, drafting, enforcing, load_version_1
from policy.states import RuleSetState, VersionState
from tests.people import People, make_people, make_person
from tests.policy import versions as made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is what matters here: a few rules are quicker to load and to copy."""
    plain = [rule for rule in carried.carried_rules() if not (rule.requires or rule.unless)][:20]
    monkeypatch.setattr(carried, "carried_rules", lambda: plain)


@pytest.fixture
def first(db: None) -> PolicyVersion:
    return load_version_1()


@pytest.fixture
def version(first: PolicyVersion, people: People) -> PolicyVersion:
    return made.draft(people.admin)


def codes(version: PolicyVersion) -> list[str]:
    return [clause.code for clause in version.clauses.all()]


def test_a_draft_is_a_copy_of_what_is_in_force(first: PolicyVersion, people: People) -> None:
    version = drafting.begin(actor=people.admin)
    columns = ("code", "anchor", "heading", "text", "position")
    assert list(version.clauses.values_list(*columns)) == list(first.clauses.values_list(*columns))
    assert (version.number, version.state) == (2, VersionState.DRAFT)
    assert text_sha256(version) == text_sha256(first)
    assert policy_in_force() == first


def test_there_is_one_draft_at_a_time(version: PolicyVersion, people: People) -> None:
    with pytest.raises(Refused, match="すでにあります"):
        drafting.begin(actor=people.chair)


def test_without_a_policy_there_is_nothing_to_draft(people: People) -> None:
    with pytest.raises(Refused, match="load_policy"):
        drafting.begin(actor=people.admin)


def test_a_draft_that_was_given_up_leaves_its_number_to_the_next(
    version: PolicyVersion, people: People
) -> None:
    with pytest.raises(Refused, match="理由"):
        drafting.drop(actor=people.admin, version=version, reason=" ")
    drafting.drop(actor=people.admin, version=version, reason="見送り")
    following = drafting.begin(actor=people.admin)
    assert following.number == version.number == 2
    with pytest.raises(Refused, match="取りやめ"):
        made.write(people.admin, made.again(version), "c3-3", "文")


class TestClauses:
    def test_saving_counts_and_makes_a_contributor(
        self, version: PolicyVersion, people: People
    ) -> None:
        made.write(people.chair, version, "c8", "新しい文")
        clause = version.clauses.get(anchor="c8")
        assert (clause.text, clause.edit_number, clause.edited_by) == ("新しい文", 2, people.chair)
        assert set(version.contributors.all()) == {people.admin, people.chair}

    def test_saving_what_stands_there_changes_nothing(
        self, version: PolicyVersion, people: People
    ) -> None:
        clause, before = version.clauses.get(anchor="c8"), AuditEvent.objects.count()
        made.write(people.chair, version, "c8", clause.text)
        assert version.clauses.get(anchor="c8").edit_number == clause.edit_number
        assert set(version.contributors.all()) == {people.admin}
        assert AuditEvent.objects.count() == before

    def test_nobody_overwrites_what_another_saved(
        self, version: PolicyVersion, people: People
    ) -> None:
        old = version.clauses.get(anchor="c8").edit_number
        made.write(people.chair, version, "c8", "先の文")
        with pytest.raises(Overtaken, match="ほかの人が先に"):
            drafting.save_clause(
                actor=people.admin, version=version, anchor="c8", heading="ポリシーの変更",
                text="後の文", base=old,
            )  # fmt: skip
        assert version.clauses.get(anchor="c8").text == "先の文"

    def test_two_people_can_write_two_clauses(self, version: PolicyVersion, people: People) -> None:
        seen = {a: version.clauses.get(anchor=a) for a in ("c7", "c8")}
        for person, (anchor, clause) in zip(
            (people.chair, people.admin), seen.items(), strict=True
        ):
            drafting.save_clause(
                actor=person, version=version, anchor=anchor, heading=clause.heading,
                text=f"{anchor}の文", base=clause.edit_number,
            )  # fmt: skip
        assert [version.clauses.get(anchor=a).text for a in seen] == ["c7の文", "c8の文"]

    @pytest.mark.parametrize(
        ("anchor", "heading", "why"),
        [("c8", "  ", "見出しを入力"), ("c4-2-a", "見出し", "付けられません"), ("c99", "", "削除")],
    )
    def test_what_cannot_be_saved(
        self, version: PolicyVersion, people: People, anchor: str, heading: str, why: str
    ) -> None:
        with pytest.raises(Refused, match=why):
            drafting.save_clause(
                actor=people.admin,
                version=version,
                anchor=anchor,
                heading=heading,
                text="文",
                base=1,
            )

    def test_a_new_clause_is_numbered_and_those_behind_it_move(
        self, version: PolicyVersion, people: People
    ) -> None:
        new = drafting.add_clause(
            actor=people.admin, version=version, after="c5-3", level=Level.SUBSECTION,
            heading="ブックマーク", text="行いません。",
        )  # fmt: skip
        assert (new.code, new.anchor) == ("5(4)", "c5-4_2")
        moved = version.clauses.get(anchor="c5-4")
        assert (moved.code, moved.heading) == ("5(5)", "フォロー")
        positions = list(version.clauses.values_list("position", flat=True))
        assert positions == list(range(1, 45))

    def test_a_section_goes_behind_all_that_belongs_to_the_one_before(
        self, version: PolicyVersion, people: People
    ) -> None:
        new = drafting.add_clause(
            actor=people.admin, version=version, after="c5-1", level=Level.SECTION,
            heading="個人情報", text="",
        )  # fmt: skip
        assert (new.code, new.anchor) == ("6", "c6_2")
        assert codes(version)[-4:] == ["6", "7", "8", "9"]

    def test_an_anchor_of_any_version_is_never_given_twice(
        self, version: PolicyVersion, people: People
    ) -> None:
        def add() -> Clause:
            return drafting.add_clause(
                actor=people.admin, version=version, after="c3-3", level=Level.SUBSECTION,
                heading="時刻", text="",
            )  # fmt: skip

        drafting.drop(actor=people.admin, version=version, reason="見送り")
        version = drafting.begin(actor=people.admin)
        assert add().anchor == "c3-4"
        drafting.drop(actor=people.admin, version=version, reason="見送り")
        version = drafting.begin(actor=people.admin)
        assert add().anchor == "c3-4_2"

    def test_moving_takes_along_what_belongs_to_a_clause(
        self, version: PolicyVersion, people: People
    ) -> None:
        drafting.move_clause(actor=people.admin, version=version, anchor="c6", down=False)
        assert version.clauses.get(anchor="c6").code == "5"
        assert version.clauses.get(anchor="c5").code == "6"
        assert version.clauses.get(anchor="c5-8").code == "6(8)"
        drafting.move_clause(actor=people.admin, version=version, anchor="c6", down=True)
        assert codes(version) == codes(policy_in_force())

    def test_moving_within_a_section(self, version: PolicyVersion, people: People) -> None:
        drafting.move_clause(actor=people.admin, version=version, anchor="c5-2", down=True)
        anchors = [c.anchor for c in version.clauses.filter(code__startswith="5(")]
        assert anchors[:3] == ["c5-1", "c5-3", "c5-2"]

    @pytest.mark.parametrize(
        ("anchor", "down"), [("c1", False), ("c8", True), ("c3-1", False), ("c3-3", True)]
    )
    def test_nothing_moves_out_of_its_place(
        self, version: PolicyVersion, people: People, anchor: str, down: bool
    ) -> None:
        with pytest.raises(Refused, match="動かせません"):
            drafting.move_clause(actor=people.admin, version=version, anchor=anchor, down=down)
        assert codes(version) == codes(policy_in_force())

    def test_removing_renumbers_and_keeps_the_words_in_the_trail(
        self, version: PolicyVersion, people: People
    ) -> None:
        gone = version.clauses.get(anchor="c5-3")
        drafting.remove_clause(
            actor=people.admin, version=version, anchor="c5-3", base=gone.edit_number
        )
        assert version.clauses.get(anchor="c5-4").code == "5(3)"
        event = AuditEvent.objects.latest("id")
        assert (event.verb, event.clause) == ("policy.edited", "5(3)")
        assert event.personal.data == {"heading": gone.heading, "text": gone.text}

    def test_removing_what_another_has_just_changed_is_refused(
        self, version: PolicyVersion, people: People
    ) -> None:
        old = version.clauses.get(anchor="c5-3").edit_number
        made.write(people.chair, version, "c5-3", "変えました")
        with pytest.raises(Overtaken):
            drafting.remove_clause(actor=people.admin, version=version, anchor="c5-3", base=old)

    def test_a_section_with_clauses_is_not_removed(
        self, version: PolicyVersion, people: People
    ) -> None:
        with pytest.raises(Refused, match="中にある条項"):
            drafting.remove_clause(actor=people.admin, version=version, anchor="c5", base=1)


class TestGrounds:
    """The grounds of 4(2) are what decisions cite and the engine knows: their numbers stay."""

    @pytest.mark.parametrize("anchor", ["c4-2-a", "c4-2-so", "c4-1"])
    def test_none_is_removed_or_renumbered(
        self, version: PolicyVersion, people: People, anchor: str
    ) -> None:
        with pytest.raises(Refused, match="「ア」から「ソ」"):
            drafting.remove_clause(actor=people.admin, version=version, anchor=anchor, base=1)
        assert codes(version) == codes(policy_in_force())

    @pytest.mark.parametrize(
        ("after", "level"),
        [
            ("c4-2-so", Level.LETTER),
            ("c4-2-ka", Level.LETTER),
            ("c4-1", Level.SUBSECTION),
            ("c2", Level.SECTION),
        ],
    )
    def test_none_is_added_or_pushed_along(
        self, version: PolicyVersion, people: People, after: str, level: Level
    ) -> None:
        heading = "" if level is Level.LETTER else "見出し"
        with pytest.raises(Refused, match="「ア」から「ソ」"):
            drafting.add_clause(
                actor=people.admin, version=version, after=after, level=level, heading=heading,
                text="文",
            )  # fmt: skip

    def test_they_do_not_change_places(self, version: PolicyVersion, people: People) -> None:
        with pytest.raises(Refused, match="「ア」から「ソ」"):
            drafting.move_clause(actor=people.admin, version=version, anchor="c4-2-a", down=True)

    def test_their_words_can_be_changed(self, version: PolicyVersion, people: People) -> None:
        made.write(people.admin, version, "c4-2-ki", "新しい文言")
        assert version.clauses.get(code="4(2)キ").text == "新しい文言"


class TestApproval:
    def test_a_member_and_the_chair_approve(self, first: PolicyVersion, people: People) -> None:
        version = made.submitted(people.admin, made.draft(people.admin))
        assert made.approve(people.member, version).state == VersionState.REVIEW
        assert made.approve(people.chair, version).state == VersionState.APPROVED
        assert policy_in_force() == first

    def test_two_members_are_not_enough(self, version: PolicyVersion, people: People) -> None:
        version = made.submitted(people.admin, version)
        made.approve(people.member, version)
        other = make_person("other", Role.MEMBER)
        assert made.approve(other, version).state == VersionState.REVIEW

    def test_whoever_edited_cannot_vote(self, version: PolicyVersion, people: People) -> None:
        made.write(people.chair, version, "c8", "一文だけ直しました")
        version = made.submitted(people.admin, version)
        for person in (people.admin, people.chair):
            with pytest.raises(Refused, match="加われません"):
                made.approve(person, version)

    def test_the_vote_is_bound_to_every_word_and_to_the_day(
        self, version: PolicyVersion, people: People
    ) -> None:
        seen = {content_hash(version)}
        made.write(people.admin, version, "c4-2-a", "別の文")
        seen.add(content_hash(version))
        for column, value in (
            ("effective_from", date(2030, 1, 1)),
            ("summary", "別の要点"),
            ("title", "別の題"),
        ):
            setattr(version, column, value)
            version.save()
            seen.add(content_hash(version))
        drafting.move_clause(actor=people.admin, version=version, anchor="c6", down=True)
        seen.add(content_hash(version))
        assert len(seen) == 6

    def test_a_vote_for_something_else_does_not_count(
        self, version: PolicyVersion, people: People
    ) -> None:
        version = made.submitted(people.admin, version)
        with pytest.raises(Refused, match="内容が変わりました"):
            approving.answer(
                actor=people.chair, version=version, seen_hash="0" * 64, choice=Choice.APPROVE
            )

    def test_a_draft_that_changed_meanwhile_is_not_put_up(
        self, version: PolicyVersion, people: People
    ) -> None:
        seen = content_hash(version)
        made.write(people.chair, version, "c8", "追記しました")
        with pytest.raises(Overtaken, match="内容が変わりました"):
            approving.submit(actor=people.admin, version=version, seen_hash=seen)

    def test_while_it_is_up_nobody_edits(self, version: PolicyVersion, people: People) -> None:
        made.submitted(people.admin, version)
        with pytest.raises(Refused, match="承認待ち"):
            made.write(people.admin, version, "c8", "書き足し")

    def test_sent_back_it_is_a_draft_again(self, version: PolicyVersion, people: People) -> None:
        version = made.submitted(people.admin, version)
        with pytest.raises(Refused, match="理由"):
            approving.answer(
                actor=people.chair, version=version, seen_hash=content_hash(version),
                choice=Choice.REJECT,
            )  # fmt: skip
        version = approving.answer(
            actor=people.chair, version=version, seen_hash=content_hash(version),
            choice=Choice.REJECT, note="頻度は決めないほうがよい",
        )  # fmt: skip
        assert version.state == VersionState.DRAFT
        made.write(people.admin, version, "c3-3", made.OLD + "（目安は定めません）")

    def test_taken_back_the_approval_is_void(self, people: People, first: PolicyVersion) -> None:
        version = made.approved(people)
        approving.take_back(actor=people.admin, version=version)
        version = made.again(version)
        request = latest_for(version)
        assert request is not None
        assert (version.state, request.state) == (VersionState.DRAFT, RequestState.VOID)
        with pytest.raises(Refused, match="案に戻せません"):
            approving.take_back(actor=people.admin, version=version)

    def test_what_nobody_answered_in_time_is_a_draft_again(
        self, version: PolicyVersion, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        version = made.submitted(people.admin, version)
        request = latest_for(version)
        assert request is not None
        assert request.expires_at == approving.begins_at(version)  # before the day of effect
        later = request.expires_at
        monkeypatch.setattr("django.utils.timezone.now", lambda: later)
        with pytest.raises(Refused, match="終了"):
            made.approve(people.chair, version)
        expire_due()
        assert approving.put_back_expired() == 1
        assert made.again(version).state == VersionState.DRAFT

    @pytest.mark.parametrize(
        ("column", "value", "why"),
        [
            ("effective_from", timezone.localdate, "明日以降"),
            ("summary", lambda: "  ", "改定の要点"),
        ],
    )
    def test_what_lacks_something_is_not_put_up(
        self, version: PolicyVersion, people: People, column: str, value: Any, why: str
    ) -> None:
        PolicyVersion.objects.filter(pk=version.pk).update(**{column: value()})
        with pytest.raises(Refused, match=why):
            made.submitted(people.admin, made.again(version))

    def test_what_changes_nothing_is_not_put_up(self, first: PolicyVersion, people: People) -> None:
        version = drafting.begin(actor=people.admin)
        with pytest.raises(Refused, match="変わったところがありません"):
            made.submitted(people.admin, version)

    def test_an_empty_clause_is_not_put_up(self, version: PolicyVersion, people: People) -> None:
        made.write(people.admin, version, "c4-2-a", " ")
        with pytest.raises(Refused, match=r"内容のない条項があります（4\(2\)ア）"):
            made.submitted(people.admin, version)

    def test_those_who_can_approve_are_told_by_a_link_alone(
        self, version: PolicyVersion, people: People, mailoutbox: list[EmailMessage]
    ) -> None:
        for name in ("admin", "chair", "member", "moderator", "outsider"):
            person = getattr(people, name)
            person.email = f"{name}@example.jp"
            person.save()
        version = made.submitted(people.admin, version)
        jobs.send_approval_notices(version.pk)
        assert sorted(mail.to[0] for mail in mailoutbox) == [
            "chair@example.jp",
            "member@example.jp",
        ]
        assert f"/policy/versions/{version.pk}/" in mailoutbox[0].body
        assert made.NEW not in mailoutbox[0].body
        approving.take_back(actor=people.admin, version=version)
        jobs.send_approval_notices(version.pk)
        assert len(mailoutbox) == 2

    def test_stepping_aside(self, version: PolicyVersion, people: People) -> None:
        version = made.submitted(people.admin, version)
        approving.recuse(actor=people.chair, version=version, reason="利害があります")
        with pytest.raises(Refused, match="辞退"):
            made.approve(people.chair, version)


class TestIntoForce:
    def test_not_before_its_day(self, first: PolicyVersion, people: People) -> None:
        version = made.approved(people)
        assert enforcing.bring_due_into_force() == []
        assert enforcing.bring_into_force(version=version) is None
        assert policy_in_force() == first

    def test_at_midnight_in_tokyo(
        self, first: PolicyVersion, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        version = made.approved(people)
        midnight = datetime.combine(
            version.effective_from, datetime.min.time(), ZoneInfo("Asia/Tokyo")
        )
        monkeypatch.setattr("django.utils.timezone.now", lambda: midnight - timedelta(seconds=1))
        assert enforcing.bring_due_into_force() == []
        monkeypatch.setattr("django.utils.timezone.now", lambda: midnight)
        assert enforcing.bring_due_into_force() == [version]
        assert policy_in_force() == version
        assert made.again(version).in_force_at == midnight
        assert made.again(first).state == VersionState.RETIRED

    def test_repeating_changes_nothing(self, first: PolicyVersion, people: People) -> None:
        version = made.in_force(people)
        before = AuditEvent.objects.count()
        assert enforcing.bring_into_force(version=version) is None
        assert AuditEvent.objects.count() == before

    def test_the_rule_set_is_renewed_with_every_setting_and_rule(
        self, first: PolicyVersion, people: People
    ) -> None:
        old, judged = active_ruleset(), compiled_active_ruleset()
        version = made.in_force(people)
        new = active_ruleset()
        assert (new.number, new.policy_version) == (old.number + 1, version)
        old.refresh_from_db()
        assert old.state == RuleSetState.RETIRED
        assert compiled_active_ruleset().rules == judged.rules
        assert compiled_active_ruleset().settings == judged.settings

    def test_a_rule_set_that_somebody_writes_goes_over_to_the_new_version(
        self, first: PolicyVersion, people: People
    ) -> None:
        draft = RuleSet.objects.create(number=9, policy_version=first)
        version = made.in_force(people)
        draft.refresh_from_db()
        assert (draft.state, draft.policy_version) == (RuleSetState.DRAFT, version)
        assert active_ruleset().number == 10
        assert not RuleSet.objects.filter(state=RuleSetState.COPY).exists()

    def test_decisions_find_the_new_words(
        self, version: PolicyVersion, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made.write(people.admin, version, "c4-2-a", "新しい文")
        version = made.submitted(people.admin, version)
        made.approve(people.member, version)
        made.approve(people.chair, version)
        monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: version.effective_from)
        enforcing.bring_due_into_force()
        assert clause_for(Criterion.UNLAWFUL, policy_in_force()).text == "新しい文"

    def test_only_what_was_voted_on_comes_into_force(
        self, first: PolicyVersion, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        version = made.approved(people)
        monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: version.effective_from)
        monkeypatch.setattr(enforcing, "content_hash", lambda _: "0" * 64)
        assert enforcing.bring_due_into_force() == []
        assert policy_in_force() == first

    def test_the_trail_tells(self, first: PolicyVersion, people: People) -> None:
        made.in_force(people)
        told = list(AuditEvent.objects.order_by("-id").values_list("verb", "policy_version")[:3])
        assert told == [
            ("ruleset.activated", "第2版"),
            ("policy.in_force", "第2版"),
            ("policy.retired", "第1版"),
        ]


@pytest.mark.django_db(transaction=True)
def test_two_workers_put_it_into_force_once(monkeypatch: pytest.MonkeyPatch) -> None:
    load_version_1()
    version = made.approved(make_people())
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: version.effective_from)
    start, done = Barrier(2), []

    def work() -> None:
        start.wait()
        done.extend(enforcing.bring_due_into_force())
        close_old_connections()
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [version]
    assert PolicyVersion.objects.filter(state=VersionState.IN_FORCE).count() == 1
    assert AuditEvent.objects.filter(verb="policy.in_force").count() == 2  # versions 1 and 2


@pytest.mark.django_db(transaction=True)
def test_two_people_begin_one_draft() -> None:
    load_version_1()
    people = make_people()
    start, told = Barrier(2), []

    def work(person: Any) -> None:
        start.wait()
        try:
            told.append(drafting.begin(actor=person).number)
        except Refused:
            told.append(0)
        connection.close()

    threads = [Thread(target=work, args=(p,)) for p in (people.admin, people.chair)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [0, 2]
