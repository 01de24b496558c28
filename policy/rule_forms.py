"""What admins type about criteria and rules, checked for form."""

from typing import Any

from django import forms

from policy.criteria import Criterion, Signal
from policy.models import Automation, CriterionSetting, Outcome, Rule, RuleKind
from policy.rules.drafting import NewRule
from policy.ruleset import TOGETHER

KEYS = [*((c.value, f"{c.value}　{c.label}") for c in Criterion), *Signal.choices]
KINDS = [(value, label) for value, label in RuleKind.choices if value != TOGETHER]
PART = "-"  # of no criterion
WHY_LENGTH = 500
LONGEST_TEXT = 5_000
MOST_TYPED = 2_000_000  # characters of pasted terms: what is more gets a message, not an error page


def _why() -> forms.CharField:
    return forms.CharField(
        label="変更の理由",
        max_length=WHY_LENGTH,
        help_text="承認する人と、あとで見直す人が読みます。",
    )


def _area(label: str, rows: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **more)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class SettingForm(forms.Form):
    """The setting of one criterion or signal."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    guidance = _area("判断の手引き", 8, max_length=LONGEST_TEXT)
    examples_yes = _area(
        "当てはまる例", 4, required=False, max_length=LONGEST_TEXT, help_text="1行に1つ書きます。"
    )
    examples_no = _area(
        "当てはまらない例",
        4,
        required=False,
        max_length=LONGEST_TEXT,
        help_text="1行に1つ書きます。",
    )
    default_outcome = forms.ChoiceField(label="標準の対応", choices=Outcome.choices)
    severity = forms.IntegerField(
        label="重さ", min_value=0, max_value=5, help_text="0から5。大きいほど先に並びます。"
    )
    threshold = forms.DecimalField(
        label="しきい値",
        min_value=0.01,
        max_value=1,
        decimal_places=2,
        help_text="0.01から1。下げると多く見つかり、誤りも増えます。",
    )
    automation = forms.ChoiceField(label="自動処理", choices=Automation.choices)
    daily_cap = forms.IntegerField(
        label="1日に自動で非表示にする上限（件）", min_value=0, max_value=1_000
    )
    strike_weight = forms.IntegerField(label="違反の点数", min_value=0, max_value=10)
    retention_days = forms.IntegerField(
        label="証拠の保存日数",
        required=False,
        min_value=30,
        max_value=3_650,
        help_text="30日から3,650日。空欄は期限なし。過ぎると、この基準で削除・非表示・ブロックにした"
        "コメントの本文と投稿者名を、保存した証拠からも消去します。",
    )
    why = _why()

    @staticmethod
    def initial_of(row: CriterionSetting, seen: str) -> dict[str, Any]:
        """The fields as a stored setting has them."""
        names = [name for name in SettingForm.base_fields if hasattr(row, name)]
        return {name: getattr(row, name) for name in names} | {
            "examples_yes": "\n".join(row.examples_yes),
            "examples_no": "\n".join(row.examples_no),
            "seen": seen,
        }

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        typed = {k: v for k, v in self.cleaned_data.items() if k not in {"seen", "why"}}
        return typed | {
            "threshold": float(typed["threshold"]),
            "examples_yes": _lines(typed["examples_yes"]),
            "examples_no": _lines(typed["examples_no"]),
        }


class _RuleFields(forms.Form):
    criterion = forms.ChoiceField(
        label="基準",
        choices=[("", "選んでください"), *KEYS, (PART, "なし（ほかの規則の条件に使う部品）")],
    )
    weight = forms.DecimalField(
        label="重み",
        min_value=0,
        max_value=1,
        decimal_places=2,
        initial=0.6,
        help_text="0から1。これだけでどのくらい当てはまると言えるか。",
    )
    reason = forms.CharField(
        label="画面に出す理由",
        required=False,
        max_length=200,
        help_text="判断する人が、根拠として読みます。空欄なら標準の文になります。",
    )
    requires = forms.CharField(
        label="前提",
        required=False,
        help_text="これらの規則も当てはまるときだけ。「|」で区切ります。",
    )
    unless = forms.CharField(
        label="除外",
        required=False,
        help_text="これらの規則が当てはまるときは除く。「|」で区切ります。",
    )
    correction = _area(
        "正しい内容", 2, required=False, help_text="「誤った主張」のときに必要です。"
    )
    source = forms.CharField(label="出典", required=False, max_length=500)

    def shared(self) -> dict[str, Any]:
        """The fields that adding and changing have in common, as the service takes them."""
        typed = self.cleaned_data
        return {
            "criterion": "" if typed["criterion"] == PART else typed["criterion"],
            "weight": float(typed["weight"]),
            "reason": typed["reason"],
            "requires": _names(typed["requires"]),
            "unless": _names(typed["unless"]),
            "correction": typed["correction"],
            "source": typed["source"],
        }


class AddForm(_RuleFields):
    """Several rules of one kind, one a line."""

    kind = forms.ChoiceField(label="種類", choices=KINDS)
    values = _area("語句やパターン", 8, max_length=MOST_TYPED, help_text="1行に1つ書きます。")
    group = forms.CharField(
        label="グループ",
        required=False,
        max_length=100,
        help_text="空欄なら、1つずつ別の規則になり、件数も別に数えます。"
        "今あるグループに加えると、基準・重み・理由・条件は、そのグループのものになります。",
    )
    why = _why()
    field_order = (
        *("kind", "values", "criterion", "weight", "reason", "correction", "source"),
        *("group", "requires", "unless", "why"),
    )

    def rules(self) -> list[NewRule]:
        """What was typed, line by line."""
        typed, shared = self.cleaned_data, self.shared()
        shared["requires"], shared["unless"] = tuple(shared["requires"]), tuple(shared["unless"])
        return [
            NewRule(line, typed["kind"], value.strip(), group=typed["group"], **shared)
            for line, value in enumerate(typed["values"].splitlines(), start=1)
            if value.strip()
        ]


class RuleForm(_RuleFields):
    """One rule of the draft."""

    value = _area("値", 3, required=False)
    why = _why()
    field_order = ("value", "criterion", "weight", "reason")

    @staticmethod
    def initial_of(row: Rule) -> dict[str, Any]:
        """The fields as a stored rule has them."""
        names = ("value", "criterion", "weight", "reason", "correction", "source")
        return {name: getattr(row, name) for name in names} | {
            "criterion": row.criterion or PART,
            "requires": "|".join(row.requires),
            "unless": "|".join(row.unless),
        }

    def typed(self) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        return self.shared() | {"value": self.cleaned_data["value"]}


class FileForm(forms.Form):
    """A file with rules."""

    file = forms.FileField(
        label="CSVファイル", help_text="UTF-8かShift_JIS。1行目は見出しで、「値」の列が必要です。"
    )
    why = _why()


class TextForm(forms.Form):
    """A text to try the rules on."""

    text = _area("文章", 5, max_length=20_000)
    name = forms.CharField(label="投稿者の表示名", required=False, max_length=200)
    post = _area("投稿の本文（あれば）", 2, required=False, max_length=20_000)


class ListForm(forms.Form):
    """Which rules to list."""

    q = forms.CharField(label="語句", required=False)
    kind = forms.ChoiceField(
        label="種類", required=False, choices=[("", "すべて"), *RuleKind.choices]
    )
    criterion = forms.ChoiceField(label="基準", required=False, choices=[("", "すべて"), *KEYS])


class WhyForm(forms.Form):
    """Only a reason."""

    why = forms.CharField(label="理由", max_length=WHY_LENGTH)


def _names(text: str) -> list[str]:
    return [name for part in text.split("|") if (name := part.strip())]
