"""Loading version 1, and what the database then refuses."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, close_old_connections, connection, transaction

from jspm_social.audit.models import AuditEvent
from jspm_social.transitions import move
from policy import carried
from policy.criteria import Criterion, Signal
from policy.models import Clause, CriterionSetting, PolicyVersion, Rule, RuleSet
from policy.queries import (
    NoPolicy,
    active_ruleset,
    clause_for,
    compiled_active_ruleset,
    guidance_for,
    policy_in_force,
)
from policy.services import load_version_1
from policy.states import RULESET_MOVES, RuleSetState, VersionState


@pytest.fixture
def version(db: None) -> PolicyVersion:
    return load_version_1()


def test_load_puts_version_and_rule_set_to_work(version: PolicyVersion) -> None:
    assert (version.number, version.state, str(version)) == (1, VersionState.IN_FORCE, "第1版")
    assert policy_in_force() == version
    assert version.clauses.count() == 43
    ruleset = active_ruleset()
    assert (ruleset.number, ruleset.policy_version) == (1, version)
    assert ruleset.activated_at is not None
    assert {row.criterion for row in ruleset.settings.all()} == {*Criterion.values, *Signal.values}
    assert ruleset.rules.count() == len(carried.carried_rules())


def test_load_leaves_two_audit_events(version: PolicyVersion) -> None:
    events = AuditEvent.objects.order_by("id")
    assert [(e.verb, e.target_id, e.policy_version) for e in events] == [
        ("policy.in_force", str(version.pk), "第1版"),
        ("ruleset.activated", str(active_ruleset().pk), "第1版"),
    ]


def test_load_again_changes_nothing(version: PolicyVersion) -> None:
    assert load_version_1() == version
    assert PolicyVersion.objects.count() == RuleSet.objects.count() == 1
    assert AuditEvent.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_load_from_two_machines_at_once_makes_one_version() -> None:
    def load() -> None:
        load_version_1()
        close_old_connections()
        connection.close()

    threads = [Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PolicyVersion.objects.count() == 1


def test_load_refuses_another_version_1(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    load_version_1()
    other = carried.policy_text() + "追記\n"
    monkeypatch.setattr(carried, "policy_text", lambda: other)
    with pytest.raises(CommandError, match="第1版"):
        call_command("load_policy")


def test_clause_for_every_criterion(version: PolicyVersion) -> None:
    codes = [clause_for(criterion, version).code for criterion in Criterion]
    assert codes == ["4(2)", *(f"4(2){letter}" for letter in "アイウエオカキクケコサシスセソ")]


def test_guidance_for_every_criterion_and_signal(version: PolicyVersion) -> None:
    assert all(len(guidance_for(key)) > 40 for key in (*Criterion.values, *Signal.values))


def test_nothing_loaded_says_so(db: None) -> None:
    for ask in (policy_in_force, active_ruleset, compiled_active_ruleset):
        with pytest.raises(NoPolicy, match="load_policy"):
            ask()


def test_compiled_rule_set_equals_the_carried_one(version: PolicyVersion) -> None:
    compiled = compiled_active_ruleset()
    assert compiled.rules == carried.carried_ruleset().rules
    assert compiled.settings == carried.carried_ruleset().settings


def test_compiled_rule_set_is_compiled_once(
    version: PolicyVersion, django_assert_num_queries: Any
) -> None:
    first = compiled_active_ruleset()
    with django_assert_num_queries(1):
        assert compiled_active_ruleset() is first


def _forbidden(version: PolicyVersion) -> Iterator[tuple[str, Any]]:
    ruleset = version.rulesets.get()
    clauses, settings = Clause.objects.filter(code="8"), CriterionSetting.objects.all()
    yield "change a clause", lambda: clauses.update(text="別の文")
    yield "remove a clause", clauses.delete
    yield (
        "add a clause",
        lambda: Clause.objects.create(version=version, code="9", anchor="c9", position=99),
    )
    yield "change a version", lambda: PolicyVersion.objects.update(title="別の題")
    yield "take a version back", lambda: PolicyVersion.objects.update(state=VersionState.DRAFT)
    yield "change a setting", lambda: settings.update(threshold=0.9)
    yield "switch hold on", lambda: settings.filter(criterion="シ").update(automation="hide")
    yield "change a rule", lambda: Rule.objects.update(weight=0)
    yield "remove a rule", lambda: Rule.objects.all().delete()
    yield "add a rule", lambda: Rule.objects.create(ruleset=ruleset, position=9999, group="x")
    yield "take a rule set back", lambda: RuleSet.objects.update(state=RuleSetState.DRAFT)
    yield "renumber a rule set", lambda: RuleSet.objects.update(number=7)


def test_database_refuses_every_change_of_what_is_in_force(version: PolicyVersion) -> None:
    changed = []
    for what, attempt in _forbidden(version):
        try:
            with transaction.atomic():
                attempt()
        except IntegrityError:
            continue
        changed.append(what)
    assert changed == []


def test_database_lets_a_rule_set_retire_and_come_back(version: PolicyVersion) -> None:
    ruleset = active_ruleset()
    move(ruleset, table=RULESET_MOVES, to=RuleSetState.RETIRED)
    move(ruleset, table=RULESET_MOVES, to=RuleSetState.ACTIVE)
    assert active_ruleset() == ruleset


def test_database_refuses_a_second_active_rule_set(version: PolicyVersion) -> None:
    with pytest.raises(IntegrityError, match="policy_one_active_ruleset"), transaction.atomic():
        RuleSet.objects.create(number=2, policy_version=version, state=RuleSetState.ACTIVE)


def test_database_refuses_hold_for_a_signal(version: PolicyVersion) -> None:
    draft = RuleSet.objects.create(number=2, policy_version=version)
    with pytest.raises(IntegrityError, match="no_hold_for_signals"), transaction.atomic():
        CriterionSetting.objects.create(
            ruleset=draft, criterion="distress", default_outcome="keep", severity=5,
            automation="hide",
        )  # fmt: skip


def test_draft_rule_set_can_be_edited(version: PolicyVersion) -> None:
    draft = RuleSet.objects.create(number=2, policy_version=version)
    rule = Rule.objects.create(ruleset=draft, position=1, group="語", kind="term", value="語")
    Rule.objects.filter(pk=rule.pk).update(value="別の語")
    rule.delete()
    assert draft.rules.count() == 0
