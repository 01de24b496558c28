"""Editing a rule set: always in a draft, never what is in use."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, Max

from jspm_social.accounts.models import User
from jspm_social.audit.services import one_write, record
from jspm_social.audit.verbs import Verb
from policy.criteria import Criterion, Signal
from policy.errors import Overtaken, Refused
from policy.models import CriterionSetting, Outcome, Rule, RuleKind, RuleSet, RuleSetEdit
from policy.normalise import fold
from policy.queries import active_ruleset, rule_spec, setting_spec
from policy.rules import automation
from policy.rules.comparing import LABELS, setting_changes
from policy.ruleset import LINK, NAME, PATTERN, BadRuleSet, Matcher, RuleSpec, compile_ruleset
from policy.states import RuleSetState

MOST_RULES = 20_000  # of one rule set
LONGEST_TERM, LONGEST_PATTERN, LONGEST_WHY = 200, 2_000, 500
SETTABLE = (
    "guidance",
    "examples_yes",
    "examples_no",
    "default_outcome",
    "severity",
    "threshold",
    "automation",
    "daily_cap",
    "strike_weight",
    "retention_days",
)
CHANGEABLE = (
    "value",
    "criterion",
    "weight",
    "reason",
    "requires",
    "unless",
    "correction",
    "source",
)
_OF_GROUP = (
    "criterion",
    "weight",
    "reason",
    "requires",
    "unless",
)  # the first rule says it for all
_KEYS = (*Criterion.values, *Signal.values)
_PATTERNS = frozenset({PATTERN, NAME, LINK})
_TYPED = frozenset(set(RuleKind.values) - {RuleKind.TOGETHER})
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to add, as it was typed; `line` is where it stood, for messages."""

    line: int
    kind: str
    value: str
    criterion: str
    weight: float
    reason: str = ""
    group: str = ""
    requires: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    correction: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """How many rules were added, and the lines whose rule was there already."""

    count: int
    known: tuple[int, ...]


class BadLines(Refused):
    """Some lines cannot be taken, so none was. `problems` are (line, reason)."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        self.problems = list(problems)
        shown = "　".join(f"{line}行目：{why}" for line, why in self.problems[:20])
        more = len(self.problems) - 20
        super().__init__(shown + (f"　ほか{more}行" if more > 0 else ""))


@one_write()
def open_draft(*, actor: User, base: RuleSet | None = None) -> RuleSet:
    """Continue the draft, or make one as a copy of `base` (the active set, if not given)."""
    _one_at_a_time()
    draft = RuleSet.objects.filter(state=RuleSetState.DRAFT).first()
    if draft is not None:
        return draft
    base = base or active_ruleset()
    newest = RuleSet.objects.aggregate(Max("number"))["number__max"]
    draft = RuleSet.objects.create(
        number=newest + 1, policy_version=active_ruleset().policy_version, based_on=base
    )
    _copy(base, draft)
    record(
        actor=actor,
        verb=Verb.RULESET_DRAFTED,
        target=draft,
        policy_version=str(draft.policy_version),
        details={"number": draft.number, "based_on": base.number},
    )
    return draft


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('policy.ruleset'))")


def _copy(base: RuleSet, draft: RuleSet) -> None:
    settings, rules = list(base.settings.all()), list(base.rules.all())
    for setting in settings:
        setting.pk, setting.ruleset = None, draft
    for rule in rules:
        rule.pk, rule.ruleset = None, draft
    CriterionSetting.objects.bulk_create(settings)
    Rule.objects.bulk_create(rules, batch_size=_AT_ONCE)


@one_write()
def change_setting(
    *, actor: User, criterion: str, values: Mapping[str, Any], why: str, seen: str = ""
) -> RuleSet:
    """Change how a criterion or signal is handled, in the draft.

    `seen` is the `fingerprint` of the setting that the person saw; '' asks nothing.

    Raises:
        Refused: no reason, a value out of range, or an automation that the figures forbid.
        Overtaken: somebody else changed this setting in the meantime.
    """
    draft = _draft()
    row = CriterionSetting.objects.get(ruleset=draft, criterion=criterion)
    if seen and seen != fingerprint(row):
        raise Overtaken(
            "ほかの人が、この基準の設定を先に変更しました。今の設定を確かめて、もう一度保存してください。"
        )
    _check_setting(row, values)
    old = CriterionSetting.objects.get(pk=row.pk)
    for name in SETTABLE:
        if name in values:
            setattr(row, name, values[name])
    changes = setting_changes(old, row)
    if not changes:
        return draft
    if old.automation != row.automation:
        automation.check(criterion, row.automation)
    row.save()
    _note(draft, actor, f"{row.get_criterion_display()}（{criterion}）：{'、'.join(changes)}", why)
    return draft


def fingerprint(row: CriterionSetting) -> str:
    """What a form remembers of the setting that it showed."""
    told = repr([getattr(row, name) for name in SETTABLE])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _check_setting(row: CriterionSetting, values: Mapping[str, Any]) -> None:
    threshold, severity = values.get("threshold", 0.5), values.get("severity", 0)
    if not 0 < threshold <= 1:
        raise Refused("しきい値は、0より大きく1以下の数にしてください。")
    if not 0 <= severity <= 5:
        raise Refused("重さは、0から5までにしてください。")
    if not str(values.get("guidance", "-")).strip():
        raise Refused("判断の手引きを書いてください。")
    if values.get("default_outcome", Outcome.KEEP) not in Outcome.values:
        raise Refused("標準の対応を選んでください。")
    if row.criterion in Signal.values and values.get("default_outcome", "keep") != Outcome.KEEP:
        raise Refused("気づきを理由に、コメントを非表示や削除にすることはできません。")


@one_write()
def add_rules(*, actor: User, rules: Sequence[NewRule], why: str) -> Added:
    """Add rules to the draft: all of them or none. One that is there already is left as it is.

    Raises:
        BadLines: naming every line that cannot be taken.
        Refused: no reason, nothing to add, or more rules than a set may have.
    """
    draft = _draft()
    if not rules:
        raise Refused("追加する語句を入力してください。")
    count = draft.rules.count()
    if count + len(rules) > MOST_RULES:
        raise Refused(
            f"1つの規則セットに入れられる規則は{MOST_RULES:,}件までです。"
            f"今は{count:,}件あり、追加しようとしたのは{len(rules):,}件です。何も保存していません。"
        )
    if problems := [(rule.line, trouble) for rule in rules if (trouble := _trouble(rule))]:
        raise BadLines(problems)
    present = list(draft.rules.all())
    known = {_identity(row.kind, row.value, row.criterion) for row in present}
    heads = {row.group: row for row in reversed(present)}
    position = present[-1].position if present else 0
    fresh: list[Rule] = []
    there: list[int] = []
    for rule in rules:
        identity = _identity(rule.kind, rule.value, rule.criterion)
        if identity in known:
            there.append(rule.line)
            continue
        known.add(identity)
        row = _row(rule, draft, position + len(fresh) + 1, actor, why)
        head = heads.setdefault(row.group, row)
        for name in _OF_GROUP:
            setattr(row, name, getattr(head, name))
        fresh.append(row)
    if not fresh:
        return Added(0, tuple(there))
    _compile([*present, *fresh], draft)
    Rule.objects.bulk_create(fresh, batch_size=_AT_ONCE)
    shown = "、".join(f"「{row.value[:30]}」" for row in fresh[:10])
    more = f" ほか{len(fresh) - 10}件" if len(fresh) > 10 else ""
    _note(draft, actor, f"規則を{len(fresh)}件追加：{shown}{more}", why)
    return Added(len(fresh), tuple(there))


@one_write()
def change_rule(*, actor: User, rule: Rule, values: Mapping[str, Any], why: str) -> None:
    """Change a rule of the draft. Criterion, weight, words and conditions go for its whole group.

    Raises:
        Refused: no reason, it does not belong to the draft, or it cannot be read.
    """
    draft = _draft()
    row = _rule_of(draft, rule)
    old = _rule_of(draft, rule)
    for name in CHANGEABLE:
        if name in values:
            setattr(row, name, values[name])
    if trouble := _trouble(_typed(row)):
        raise Refused(trouble)
    twins = draft.rules.exclude(pk=row.pk).filter(kind=row.kind, value=row.value)
    if row.value and twins.filter(criterion=row.criterion).exists():
        raise Refused("同じ規則が、すでにあります。")
    changes = [
        f"{LABELS[name]} {getattr(old, name)} → {getattr(row, name)}"
        for name in CHANGEABLE
        if getattr(old, name) != getattr(row, name)
    ]
    if not changes:
        return
    row.save()
    shared = {name: getattr(row, name) for name in _OF_GROUP}
    draft.rules.filter(group=row.group).update(**shared)
    _compile(list(draft.rules.all()), draft)
    _note(draft, actor, f"規則「{row.group}」を変更：{'、'.join(changes)}", why)


@one_write()
def remove_rules(*, actor: User, rules: Sequence[Rule], why: str) -> None:
    """Take rules out of the draft. What is in use keeps them until the draft replaces it.

    Raises:
        Refused: no reason, they do not belong to the draft, or another rule asks for them.
    """
    draft = _draft()
    rows = [_rule_of(draft, rule) for rule in rules]
    if not rows:
        raise Refused("やめる規則を選んでください。")
    draft.rules.filter(pk__in=[row.pk for row in rows]).delete()
    _compile(list(draft.rules.all()), draft)
    named = "、".join(f"「{row.value[:30] or row.group}」" for row in rows[:10])
    _note(draft, actor, f"規則を{len(rows)}件やめる：{named}", why)


def contributors(ruleset: RuleSet) -> list[User]:
    """Everybody who edited this set, or what it was made from, as far as nobody approved that."""
    ids: set[int] = set()
    row: RuleSet | None = ruleset
    while row is not None and row.activated_at is None:
        ids.update(row.edits.values_list("by_id", flat=True))
        row = row.based_on
    return list(User.objects.filter(pk__in=ids).order_by("pk"))


def _draft() -> RuleSet:
    draft = RuleSet.objects.select_for_update().filter(state=RuleSetState.DRAFT).first()
    if draft is None:
        raise Refused("編集中の案がありません。先に「案を作る」を押してください。")
    return draft


def _rule_of(draft: RuleSet, rule: Rule) -> Rule:
    row = draft.rules.filter(pk=rule.pk).first()
    if row is None:
        raise Refused("この規則は、編集中の案のものではありません。一覧を開き直してください。")
    return row


def _note(draft: RuleSet, actor: User, what: str, why: str) -> None:
    """Count the edit, keep who made it and why, and tell the audit trail."""
    if not why.strip():
        raise Refused("変更の理由を入力してください。")
    if len(why) > LONGEST_WHY:
        raise Refused(f"理由は{LONGEST_WHY}文字までにしてください。")
    RuleSet.objects.filter(pk=draft.pk).update(revision=F("revision") + 1)
    RuleSetEdit.objects.create(ruleset=draft, by=actor, what=what[:500], why=why.strip())
    record(
        actor=actor,
        verb=Verb.RULESET_EDITED,
        target=draft,
        details={"number": draft.number, "what": what[:500]},
        personal={"why": why},
    )


def _trouble(rule: NewRule) -> str:
    """Why a rule cannot be taken; '' if it can."""
    longest = LONGEST_PATTERN if rule.kind in _PATTERNS else LONGEST_TERM
    size = len(rule.value)
    # Each with what is wrong; the first one is told.
    wrong = {
        f"種類「{rule.kind}」は使えません": rule.kind not in _TYPED,
        "語句が空か、記号だけです": not fold(rule.value).text.strip(),
        f"{longest}文字までにしてください（{size:,}文字あります）": size > longest,
        f"基準「{rule.criterion}」はありません": rule.criterion not in {"", *_KEYS},
        "重みは、0から1までの数にしてください": not 0 <= rule.weight <= 1,
        "誤った主張には、正しい内容と出典が必要です": rule.kind == RuleKind.CLAIM
        and not (rule.correction.strip() and rule.source.strip()),
    }
    found = next((why for why, is_so in wrong.items() if is_so), "")
    return found or (_pattern_trouble(rule) if rule.kind in _PATTERNS else "")


def _pattern_trouble(rule: NewRule) -> str:
    try:
        Matcher([RuleSpec("", rule.kind, rule.value)])
    except BadRuleSet as error:
        return str(error).removeprefix("規則「」の")
    return ""


def _identity(kind: str, value: str, criterion: str) -> tuple[str, str, str]:
    plain = value if kind in _PATTERNS else fold(value).text
    return kind, plain, criterion


def _typed(row: Rule) -> NewRule:
    if row.kind == RuleKind.TOGETHER:  # it has no value, and only its weight and words change
        kind, value = str(RuleKind.TERM), row.group
    else:
        kind, value = row.kind, row.value
    return NewRule(
        0, kind, value, row.criterion, row.weight, correction=row.correction, source=row.source
    )


def _row(rule: NewRule, draft: RuleSet, position: int, actor: User, why: str) -> Rule:
    reason = rule.reason.strip() or _usual_reason(rule)
    return Rule(
        ruleset=draft,
        position=position,
        group=rule.group.strip()[:100] or _group_name(rule),
        kind=rule.kind,
        criterion=rule.criterion,
        value=rule.value.strip() if rule.kind not in _PATTERNS else rule.value,
        weight=rule.weight,
        reason=reason[:200],
        requires=list(rule.requires),
        unless=list(rule.unless),
        correction=rule.correction.strip(),
        source=rule.source.strip(),
        author=actor,
        why=why.strip()[:LONGEST_WHY],
    )


def _usual_reason(rule: NewRule) -> str:
    if rule.kind == RuleKind.CLAIM:
        return f"誤りと分かっている主張です。正しくは：{rule.correction.strip()}"
    if rule.kind == NAME:
        return "注意が必要な表示名です"
    return "注意が必要なリンクです" if rule.kind == LINK else "注意が必要な語句です"


def _group_name(rule: NewRule) -> str:
    """A group of its own, so that hits and precision are the rule's own."""
    name = f"追加：{rule.value.strip()}"
    if len(name) > 100 or rule.kind in _PATTERNS:
        name = f"{name[:90]}#{hashlib.sha256(rule.value.encode()).hexdigest()[:6]}"
    return name


def _compile(rules: Sequence[Rule], draft: RuleSet) -> None:
    try:
        compile_ruleset(
            draft.number, map(setting_spec, draft.settings.all()), map(rule_spec, rules)
        )
    except BadRuleSet as error:
        raise Refused(f"{error}。何も保存していません。") from error
