"""From a draft to work by a second admin, and back; and what the database then refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.approvals.states import RequestState
from jspm_social.audit.models import AuditEvent
from moderation.models import Case, Judgement
from policy.errors import Overtaken, Refused
from policy.models import (
    Activation,
    CriterionSetting,
    Rule,
    RuleSet,
    RuleSetEdit,
    Trial,
)
from policy.past import Tally
from policy.queries import active_ruleset, compiled_active_ruleset
from policy.rules import activation, drafting
from tests.moderation.making import decide_case, make_channel, store_and_judge, told
from tests.people import People, make_person
from tests.policy.versions import in_force

from .conftest import term
from .test_drafting import content


@pytest.fixture
def shadow(draft: RuleSet, admin: User) -> RuleSet:
    """A draft with one more term, being watched."""
    drafting.add_rules(actor=admin, rules=[term("紫煙")], why="宣伝")
    activation.start_shadow(actor=admin, ruleset=draft)
    draft.refresh_from_db()
    return draft


def put_to_work(shadow: RuleSet, admin: User, second: User) -> RuleSet:
    activation.ask(actor=admin, ruleset=shadow)
    activation.answer(actor=second, ruleset=shadow, agree=True, note="確かめました")
    shadow.refresh_from_db()
    return shadow


def test_second_admin_puts_it_to_work(
    active: RuleSet, shadow: RuleSet, admin: User, second: User
) -> None:
    assert put_to_work(shadow, admin, second).state == "active"
    active.refresh_from_db()
    assert active.state == "retired"
    assert active_ruleset() == shadow
    row = Activation.objects.get()
    assert (row.ruleset, row.previous, row.kind, row.by) == (shadow, active, "approved", second)
    assert Trial.objects.get(kind="live").state == "done"
    assert AuditEvent.objects.filter(verb="ruleset.activated").count() == 1


def test_workers_judge_by_the_new_set_at_once(
    active: RuleSet, shadow: RuleSet, admin: User, second: User
) -> None:
    channel = make_channel()
    store_and_judge(channel, told(1, "紫煙の話です"))
    assert list(Judgement.objects.values_list("ruleset", "labels")) == [(active.pk, [])]
    put_to_work(shadow, admin, second)
    store_and_judge(channel, told(2, "紫煙の話をもう一度します"))
    newest = Judgement.objects.order_by("pk").last()
    assert newest is not None
    assert (newest.ruleset, newest.labels) == (shadow, ["キ"])


def test_whoever_edited_cannot_approve(shadow: RuleSet, admin: User, second: User) -> None:
    activation.ask(actor=second, ruleset=shadow)
    with pytest.raises(Refused, match="作成や判断に関わった人"):
        activation.answer(actor=admin, ruleset=shadow, agree=True)
    assert active_ruleset().number == 1


def test_whoever_edited_what_it_was_made_from_cannot_approve(
    shadow: RuleSet, admin: User, second: User
) -> None:
    activation.withdraw(actor=second, ruleset=shadow, why="やり直し")
    again = drafting.open_draft(actor=second, base=shadow)
    drafting.add_rules(actor=second, rules=[term("別の語")], why="宣伝")
    activation.start_shadow(actor=second, ruleset=again)
    activation.ask(actor=second, ruleset=again)
    for person in (admin, second):
        with pytest.raises(Refused, match="作成や判断に関わった人"):
            activation.answer(actor=person, ruleset=again, agree=True)
    third = make_person("third", Role.ADMIN)
    activation.answer(actor=third, ruleset=again, agree=True)
    assert active_ruleset() == again


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.CHAIR, Role.AUDITOR])
def test_only_admins_approve(shadow: RuleSet, admin: User, role: Role) -> None:
    activation.ask(actor=admin, ruleset=shadow)
    with pytest.raises(Refused, match="必要な役割"):
        activation.answer(actor=make_person("other", role), ruleset=shadow, agree=True)


def test_refusing_needs_a_reason_and_changes_nothing(
    active: RuleSet, shadow: RuleSet, admin: User, second: User
) -> None:
    activation.ask(actor=admin, ruleset=shadow)
    with pytest.raises(Refused, match="理由"):
        activation.answer(actor=second, ruleset=shadow, agree=False)
    activation.answer(actor=second, ruleset=shadow, agree=False, note="誤りが多い")
    assert active_ruleset() == active


def test_draft_cannot_go_to_work_without_a_trial(draft: RuleSet, admin: User, second: User) -> None:
    drafting.add_rules(actor=admin, rules=[term("紫煙")], why="宣伝")
    with pytest.raises(Refused, match="試行中の規則セットだけ"):
        activation.ask(actor=admin, ruleset=draft)
    with pytest.raises(Overtaken):
        activation.answer(actor=second, ruleset=draft, agree=True)


def test_unchanged_draft_is_not_watched(draft: RuleSet, admin: User) -> None:
    with pytest.raises(Refused, match="まだ変更がありません"):
        activation.start_shadow(actor=admin, ruleset=draft)


def test_only_one_set_is_watched(shadow: RuleSet, admin: User) -> None:
    draft = drafting.open_draft(actor=admin)
    drafting.add_rules(actor=admin, rules=[term("別の語")], why="宣伝")
    with pytest.raises(Refused, match="試行中の規則セットが、すでにあります"):
        activation.start_shadow(actor=admin, ruleset=draft)


def test_shadow_cannot_be_edited(shadow: RuleSet, admin: User) -> None:
    with pytest.raises(Refused, match="編集中の案がありません"):
        drafting.add_rules(actor=admin, rules=[term("別の語")], why="宣伝")


def test_figures_are_asked_for_again_when_it_goes_to_work(
    draft: RuleSet, admin: User, second: User, agreed: Callable[[dict[str, Tally]], None]
) -> None:
    agreed({"シ": Tally(200, 200)})
    drafting.change_setting(
        actor=admin, criterion="シ", values={"automation": "hide"}, why="十分な実績"
    )
    activation.start_shadow(actor=admin, ruleset=draft)
    activation.ask(actor=admin, ruleset=draft)
    agreed({"シ": Tally(220, 200)})
    with pytest.raises(Refused, match="まだ自動の非表示を使えません"):
        activation.answer(actor=second, ruleset=draft, agree=True)
    assert active_ruleset().number == 1
    assert not draft.trials.filter(state="done").exists()


def test_rolling_back_takes_one_person_and_a_reason(
    active: RuleSet, shadow: RuleSet, admin: User, second: User
) -> None:
    put_to_work(shadow, admin, second)
    with pytest.raises(Refused, match="理由"):
        activation.roll_back(actor=admin, to=active, why=" ")
    activation.roll_back(actor=admin, to=active, why="誤りが多い")
    assert active_ruleset() == active
    assert "紫煙" not in {rule.value for rule in compiled_active_ruleset().rules}
    newest = Activation.objects.first()
    assert newest is not None
    assert (newest.kind, newest.previous, newest.why) == ("rolled_back", shadow, "誤りが多い")
    event = AuditEvent.objects.get(verb="ruleset.rolled_back")
    assert (event.actor_id, event.details) == (
        admin.pk,
        {"number": 1, "previous": 2, "rules": 5},
    )


@pytest.mark.parametrize("state", ["draft", "shadow", "withdrawn", "active"])
def test_what_was_never_in_use_is_no_way_back(
    active: RuleSet, draft: RuleSet, admin: User, state: str
) -> None:
    drafting.add_rules(actor=admin, rules=[term("紫煙")], why="宣伝")
    if state == "shadow":
        activation.start_shadow(actor=admin, ruleset=draft)
    if state == "withdrawn":
        activation.withdraw(actor=admin, ruleset=draft, why="やめる")
    to = active if state == "active" else draft
    with pytest.raises(Refused, match="以前に使っていた規則セットだけ"):
        activation.roll_back(actor=admin, to=to, why="試し")


def test_withdrawing_voids_the_request(shadow: RuleSet, admin: User, second: User) -> None:
    request = activation.ask(actor=admin, ruleset=shadow)
    activation.withdraw(actor=admin, ruleset=shadow, why="誤りが見つかった")
    request.refresh_from_db()
    shadow.refresh_from_db()
    assert (request.state, shadow.state) == (RequestState.VOID, "withdrawn")
    with pytest.raises(Overtaken):
        activation.answer(actor=second, ruleset=shadow, agree=True)
    with pytest.raises(Refused, match="理由"):
        activation.withdraw(actor=admin, ruleset=shadow, why="")


def attempts(shadow: RuleSet, active: RuleSet, admin: User) -> dict[str, Callable[[], Any]]:
    settings = CriterionSetting.objects.filter(ruleset=shadow)
    rules = Rule.objects.filter(ruleset=shadow)
    return {
        "change a shadow's setting": lambda: settings.update(threshold=0.1),
        "change a shadow's rule": lambda: rules.update(weight=0.1),
        "change who made a rule": lambda: rules.update(why="別の理由"),
        "add to a shadow": lambda: Rule.objects.create(ruleset=shadow, position=99, group="x"),
        "take from a shadow": rules.delete,
        "move a rule into a shadow": lambda: Rule.objects.filter(ruleset=active).update(
            ruleset=shadow
        ),
        "make a shadow a draft": lambda: RuleSet.objects.filter(pk=shadow.pk).update(state="draft"),
        "count an edit of a shadow": lambda: RuleSet.objects.filter(pk=shadow.pk).update(
            revision=9
        ),
        "change an edit": lambda: RuleSetEdit.objects.update(why="別の理由"),
        "remove an edit": lambda: RuleSetEdit.objects.all().delete(),
        "add an edit to a shadow": lambda: RuleSetEdit.objects.create(
            ruleset=shadow, by=admin, what="x", why="y"
        ),
        "turn the active set's automation on": lambda: CriterionSetting.objects.filter(
            ruleset=active, criterion="シ"
        ).update(automation="hide"),
    }


def test_database_refuses_every_change_of_what_left_the_draft(
    active: RuleSet, shadow: RuleSet, admin: User
) -> None:
    changed = []
    for what, attempt in attempts(shadow, active, admin).items():
        try:
            with transaction.atomic():
                attempt()
        except IntegrityError:
            continue
        changed.append(what)
    assert changed == []


def test_database_keeps_activations_and_withdrawals(
    active: RuleSet, shadow: RuleSet, admin: User, second: User
) -> None:
    put_to_work(shadow, admin, second)
    for attempt in (
        lambda: Activation.objects.update(why="別の理由"),
        lambda: Activation.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    draft = drafting.open_draft(actor=admin)
    activation.withdraw(actor=admin, ruleset=draft, why="やめる")
    for state in ("draft", "shadow", "active", "retired"):
        with pytest.raises(IntegrityError), transaction.atomic():
            RuleSet.objects.filter(pk=draft.pk).update(state=state)


def test_no_edit_changes_a_past_decision_or_verdict(
    active: RuleSet, admin: User, second: User
) -> None:
    """The whole way of a draft, and not a byte of what was decided or judged is another."""
    moderator = make_person("moderator", Role.MODERATOR)
    store_and_judge(make_channel(), told(1, "青錆の話です"))
    decision = decide_case(Case.objects.get(), moderator)
    kept = [
        list(type(decision).objects.values()),
        list(Judgement.objects.values()),
        content(active),
    ]
    draft = drafting.open_draft(actor=admin)
    drafting.change_setting(actor=admin, criterion="エ", values={"threshold": 0.1}, why="見直し")
    drafting.remove_rules(actor=admin, rules=[draft.rules.get(value="青錆")], why="不要")
    activation.start_shadow(actor=admin, ruleset=draft)
    put_to_work(draft, admin, second)
    activation.roll_back(actor=second, to=active, why="誤り")
    assert [
        list(type(decision).objects.values()),
        list(Judgement.objects.values()),
        content(active),
    ] == kept
    decision.refresh_from_db()
    assert decision.ruleset == active


def test_set_of_an_older_policy_version_goes_to_work_only_as_a_new_draft(
    active: RuleSet, shadow: RuleSet, admin: User, second: User, people: People
) -> None:
    """After a change of the policy's text, what was made for the old one is read again."""
    newer = in_force(people, anchor="c4-2-ki")
    renewed = active_ruleset()
    assert renewed.policy_version == newer
    activation.ask(actor=admin, ruleset=shadow)
    with pytest.raises(Refused, match="前の版の運用方針"):
        activation.answer(actor=second, ruleset=shadow, agree=True)
    assert active_ruleset() == renewed
