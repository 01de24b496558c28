"""What two rule sets differ in, in words."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from policy.models import CriterionSetting, Rule, RuleKind, RuleSet

LABELS = {
    "guidance": "判断の手引き",
    "examples_yes": "当てはまる例",
    "examples_no": "当てはまらない例",
    "default_outcome": "標準の対応",
    "severity": "重さ",
    "threshold": "しきい値",
    "automation": "自動処理",
    "daily_cap": "1日の自動非表示の上限",
    "strike_weight": "違反の点数",
    "retention_days": "証拠の保存日数",
    "value": "値",
    "criterion": "基準",
    "weight": "重み",
    "reason": "画面に出す理由",
    "requires": "前提",
    "unless": "除外",
    "within": "距離",
    "correction": "正しい内容",
    "source": "出典",
}
_SHORT = ("default_outcome", "severity", "threshold", "automation", "daily_cap", "strike_weight")
_TEXTS = ("guidance", "examples_yes", "examples_no")
_OF_RULE = ("criterion", "weight", "reason", "requires", "unless", "within", "correction", "source")


@dataclass(frozen=True, slots=True)
class SettingChange:
    """How one criterion's setting differs; `texts` are (label, before, after)."""

    criterion: str
    label: str
    lines: list[str]
    texts: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that both sets have, and how it differs."""

    rule: Rule
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two rule sets."""

    settings: list[SettingChange] = field(default_factory=list)
    added: list[Rule] = field(default_factory=list)
    removed: list[Rule] = field(default_factory=list)
    changed: list[RuleChange] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """True when they say the same."""
        return not (self.settings or self.added or self.removed or self.changed)


def compare(before: RuleSet, after: RuleSet) -> Comparison:
    """What `after` changes about `before`; three queries each."""
    old_rules, new_rules = _rules(before), _rules(after)
    return Comparison(
        settings=list(_settings(before, after)),
        added=[row for key, row in new_rules.items() if key not in old_rules],
        removed=[row for key, row in old_rules.items() if key not in new_rules],
        changed=[
            RuleChange(row, lines)
            for key, row in new_rules.items()
            if key in old_rules and (lines := _rule_lines(old_rules[key], row))
        ],
    )


def _rules(ruleset: RuleSet) -> dict[tuple[str, str, str], Rule]:
    rows = ruleset.rules.select_related("author")
    return {(row.kind, row.group, row.value): row for row in rows}


def _settings(before: RuleSet, after: RuleSet) -> Iterable[SettingChange]:
    old = {row.criterion: row for row in before.settings.all()}
    for row in after.settings.order_by("pk"):
        was = old.get(row.criterion)
        if was is None:
            continue
        lines = [
            _arrow(was, row, name) for name in _SHORT if getattr(was, name) != getattr(row, name)
        ]
        if was.retention_days != row.retention_days:
            lines.append(_arrow(was, row, "retention_days"))
        texts = [
            (LABELS[name], _as_text(getattr(was, name)), _as_text(getattr(row, name)))
            for name in _TEXTS
            if getattr(was, name) != getattr(row, name)
        ]
        if lines or texts:
            yield SettingChange(row.criterion, row.get_criterion_display(), lines, texts)


def setting_changes(old: CriterionSetting, new: CriterionSetting) -> list[str]:
    """What an edit changed, in short: figures with both values, texts by name only."""
    short = [
        _arrow(old, new, name)
        for name in (*_SHORT, "retention_days")
        if getattr(old, name) != getattr(new, name)
    ]
    return short + [
        f"{LABELS[name]}を変更" for name in _TEXTS if getattr(old, name) != getattr(new, name)
    ]


def _arrow(old: CriterionSetting, new: CriterionSetting, name: str) -> str:
    return f"{LABELS[name]} {_shown(old, name)} → {_shown(new, name)}"


def _shown(row: CriterionSetting, name: str) -> str:
    match name:
        case "default_outcome":
            return row.get_default_outcome_display()
        case "automation":
            return row.get_automation_display()
        case "retention_days":
            return "期限なし" if row.retention_days is None else f"{row.retention_days}日"
    return str(getattr(row, name))


def _rule_lines(old: Rule, new: Rule) -> list[str]:
    return [
        f"{LABELS[name]} {_as_text(getattr(old, name)) or '（なし）'}"
        f" → {_as_text(getattr(new, name)) or '（なし）'}"
        for name in _OF_RULE
        if getattr(old, name) != getattr(new, name)
    ]


def _as_text(value: object) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)


def rule_words(rule: Rule) -> str:
    """One line that names a rule."""
    kind = RuleKind(rule.kind).label
    about = f"（{rule.criterion}・重み{rule.weight:g}）" if rule.criterion else "（部品）"
    return f"{kind}「{rule.value or rule.group}」{about}"
