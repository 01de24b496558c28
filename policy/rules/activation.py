"""How a draft goes to work: a trial without effect, a second admin, and the way back."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.utils import timezone

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.approvals import services as approvals
from jspm_social.approvals.errors import ApprovalError
from jspm_social.approvals.models import ApprovalRequest
from jspm_social.approvals.queries import latest_for
from jspm_social.approvals.seats import Slot
from jspm_social.approvals.states import Choice, RequestState
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from jspm_social.committee.catalogue import RULESET_ADMINS
from jspm_social.committee.queries import number
from jspm_social.transitions import IllegalMove, StaleState, move
from policy.errors import Overtaken, Refused
from policy.models import Activation, Automation, RuleSet, Trial
from policy.past import past
from policy.queries import active_ruleset, policy_in_force, rule_spec, setting_spec
from policy.rules import automation
from policy.rules.drafting import contributors
from policy.states import RULESET_MOVES, TRIAL_MOVES, RuleSetState, TrialState

ANSWER_WITHIN = timedelta(days=14)
OVERTAKEN = "この規則セットの状態は、ほかの人が先に変えました。画面を開き直してください。"


@one_write()
def start_shadow(*, actor: User, ruleset: RuleSet) -> Trial:
    """Freeze a draft and watch it beside the active set on what comes in, without any effect.

    Raises:
        Refused: nothing was changed in it, or another set is being watched already.
        Overtaken: it is no draft any more.
    """
    row = _locked(ruleset)
    if RuleSet.objects.filter(state=RuleSetState.SHADOW).exists():
        raise Refused(
            "試行中の規則セットが、すでにあります。先にそれを使い始めるか、取り下げてください。"
        )
    if not row.edits.exists() and row.state == RuleSetState.DRAFT:
        raise Refused("この案には、まだ変更がありません。")
    _move(row, RuleSetState.SHADOW)
    trial = Trial.objects.create(
        ruleset=row,
        against=active_ruleset(),
        revision=row.revision,
        kind=Trial.Kind.LIVE,
        started_by=actor,
        cursor=past().newest_verdict(),
    )
    record(
        actor=actor,
        verb=Verb.RULESET_SHADOWED,
        target=row,
        policy_version=str(row.policy_version),
        details={"number": row.number, "content": content_hash(row)},
    )
    return trial


@one_write()
def ask(*, actor: User, ruleset: RuleSet) -> ApprovalRequest:
    """Ask a second admin to let a watched set go to work. Nobody who edited it can answer.

    Raises:
        Refused: it is not being watched, or waits for an answer already.
    """
    row = _locked(ruleset)
    if row.state != RuleSetState.SHADOW:
        raise Refused("承認を依頼できるのは、試行中の規則セットだけです。")
    try:
        return approvals.open_request(
            actor=actor,
            subject=row,
            content_hash=content_hash(row),
            slots=[Slot(Role.ADMIN, number(RULESET_ADMINS))],
            contributors=contributors(row),
            expires_at=timezone.now() + ANSWER_WITHIN,
            policy_version=str(row.policy_version),
        )
    except ApprovalError as error:
        raise Refused(str(error)) from error


@one_write()
def answer(*, actor: User, ruleset: RuleSet, agree: bool, note: str = "") -> None:
    """Agree, which puts the set to work at once, or refuse with a reason.

    Raises:
        Refused: not entitled, no reason, or an automation whose figures fell in the meantime.
        Overtaken: it does not wait any more.
    """
    row = _locked(ruleset)
    request = latest_for(row)
    if row.state != RuleSetState.SHADOW or request is None:
        raise Overtaken(OVERTAKEN)
    try:
        request = approvals.vote(
            actor=actor,
            request=request,
            content_hash=content_hash(row),
            choice=Choice.APPROVE if agree else Choice.REJECT,
            note=note,
        )
    except ApprovalError as error:
        raise Refused(str(error)) from error
    record(
        actor=actor,
        verb=Verb.RULESET_ANSWERED,
        target=row,
        policy_version=str(row.policy_version),
        details={"number": row.number, "state": request.state},
    )
    if request.state == RequestState.APPROVED:
        for setting in row.settings.filter(automation=Automation.HIDE):
            automation.check(setting.criterion, setting.automation)
        end_watch(row)
        _put_to_work(row, actor, Activation.Kind.APPROVED, note)


@one_write()
def roll_back(*, actor: User, to: RuleSet, why: str) -> None:
    """Bring back a rule set that was in use: it was approved, so one person is enough.

    Raises:
        Refused: no reason, or it was never in use.
        Overtaken: somebody else was faster.
    """
    if not why.strip():
        raise Refused("元に戻す理由を入力してください。")
    row = _locked(to)
    if row.state != RuleSetState.RETIRED:
        raise Refused("元に戻せるのは、以前に使っていた規則セットだけです。")
    _put_to_work(row, actor, Activation.Kind.ROLLED_BACK, why)


@one_write()
def withdraw(*, actor: User, ruleset: RuleSet, why: str) -> None:
    """Give up a draft or a shadow, for good. A new draft can be made from it.

    Raises:
        Refused: no reason.
        Overtaken: it is neither any more.
    """
    if not why.strip():
        raise Refused("取り下げる理由を入力してください。")
    row = _locked(ruleset)
    end_watch(row)
    request = latest_for(row)
    if request is not None and request.state == RequestState.OPEN:
        approvals.void(actor=actor, request=request, reason=why)
    _move(row, RuleSetState.WITHDRAWN)
    record(
        actor=actor,
        verb=Verb.RULESET_WITHDRAWN,
        target=row,
        details={"number": row.number},
        personal={"why": why},
    )


def end_watch(ruleset: RuleSet) -> None:
    """End the trials of a rule set that still run."""
    for trial in ruleset.trials.select_for_update().filter(state=TrialState.RUNNING):
        done = trial.kind == Trial.Kind.LIVE
        to = TrialState.DONE if done else TrialState.CANCELLED
        move(trial, table=TRIAL_MOVES, to=to, ended_at=timezone.now())


def content_hash(ruleset: RuleSet) -> str:
    """SHA-256 over everything by which the set judges, and what people read in it."""
    rules = ruleset.rules.order_by("position")
    told = {
        "number": ruleset.number,
        "settings": [
            [
                *repr(setting_spec(row)).splitlines(),
                *(row.guidance, row.examples_yes, row.examples_no, row.default_outcome),
                *(row.strike_weight, row.daily_cap, row.retention_days),
            ]
            for row in ruleset.settings.order_by("criterion")
        ],
        "rules": [[repr(rule_spec(row)), row.correction, row.source] for row in rules],
    }
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()


def _put_to_work(row: RuleSet, actor: User, kind: Activation.Kind, why: str) -> None:
    """Retire the active set and put this one in its place. Workers see it with their next batch."""
    if row.policy_version != policy_in_force():
        raise Refused(
            "この規則セットは、前の版の運用方針のために作られたものです。"
            "これをもとに案を作ると、今の運用方針のもとで使えます。"
        )
    previous = _locked(active_ruleset())
    _move(previous, RuleSetState.RETIRED)
    now = timezone.now()
    _move(row, RuleSetState.ACTIVE, activated_at=now)
    Activation.objects.create(
        ruleset=row, previous=previous, kind=kind, by=actor, at=now, why=why.strip()[:500]
    )
    rolled_back = kind == Activation.Kind.ROLLED_BACK
    record(
        actor=actor,
        verb=Verb.RULESET_ROLLED_BACK if rolled_back else Verb.RULESET_ACTIVATED,
        target=row,
        policy_version=str(row.policy_version),
        details={"number": row.number, "previous": previous.number, "rules": row.rules.count()},
        personal={"why": why} if why else None,
    )


def _locked(ruleset: RuleSet) -> RuleSet:
    return (
        RuleSet.objects.select_for_update(of=("self",))
        .select_related("policy_version")
        .get(pk=ruleset.pk)
    )


def _move(row: RuleSet, to: RuleSetState, **changes: Any) -> None:
    try:
        move(row, table=RULESET_MOVES, to=to, **changes)
    except (StaleState, IllegalMove) as error:
        raise Overtaken(OVERTAKEN) from error
