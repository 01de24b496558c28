"""What people type, checked."""

from typing import Any

from django import forms

from jspm_social.platforms.capabilities import Outcome
from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from moderation.states import Answer, CommentStanding
from moderation.text import searchable
from policy.criteria import Criterion, Route, Signal
from policy.remote.prompt import NOT_ASKED

NOTE_LENGTH = 2_000
ANY = [("", "すべて")]


class DecisionForm(forms.Form):
    """A decision on a case. What is complete enough is the service's business."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        choices=Outcome.choices, error_messages={"required": "どうするかを選んでください。"}
    )
    criteria = forms.MultipleChoiceField(choices=Criterion.choices, required=False)
    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        error_messages={"max_length": f"メモは{NOTE_LENGTH}文字までにしてください。"},
    )

    def first_error(self) -> str:
        return next((str(errors[0]) for errors in self.errors.values()), "")


class NoteForm(forms.Form):
    """A note that comes with a button."""

    note = forms.CharField(
        label="メモ",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class StopForm(forms.Form):
    reason = forms.CharField(
        label="止める理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class QueueFilter(forms.Form):
    """The queue's filters. Each set field is one tag that a case must carry."""

    criterion = forms.ChoiceField(label="基準", required=False)
    signal = forms.ChoiceField(label="サイン", required=False)
    platform = forms.ChoiceField(label="プラットフォーム", required=False)
    channel = forms.ChoiceField(label="アカウント", required=False)

    def __init__(self, data: Any = None, *, counts: dict[str, str] | None = None) -> None:
        super().__init__(data)
        counts = counts or {}
        choices = {
            "criterion": [(c.value, f"{c.value} {c.label}") for c in Criterion],
            "signal": [(s.value, s.label) for s in Signal],
            "platform": Platform.choices,
            "channel": [(str(c.pk), str(c)) for c in Channel.objects.all()],
        }
        for name, options in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for the type checker
            field.choices = ANY + [
                (
                    value,
                    f"{label}（{count}）" if (count := counts.get(f"{name}:{value}")) else label,
                )
                for value, label in options
            ]

    def chosen(self) -> dict[str, str]:
        """Return what is asked for, by field; an unknown value asks for nothing."""
        self.is_valid()
        cleaned = getattr(self, "cleaned_data", {})
        return {name: value for name in self.fields if (value := cleaned.get(name))}


class CommentFilter(forms.Form):
    """Searching all comments."""

    q = forms.CharField(label="ことば", required=False, max_length=100, strip=True)
    channel = forms.ModelChoiceField(
        label="アカウント", required=False, queryset=Channel.objects.all(), empty_label="すべて"
    )
    post = forms.IntegerField(required=False, widget=forms.HiddenInput)
    standing = forms.ChoiceField(
        label="表示状態", required=False, choices=[*ANY, *CommentStanding.choices]
    )
    route = forms.ChoiceField(label="判定", required=False, choices=[*ANY, *Route.choices])

    def clean_q(self) -> str:
        q: str = self.cleaned_data["q"]
        if q and len(searchable(q)) < 2:
            raise forms.ValidationError("2文字以上で検索してください。")
        return q


class LabelForm(forms.Form):
    """What a person thinks of a comment. Whether it fits together is the service's business."""

    answer = forms.ChoiceField(
        label="どう思いますか",
        choices=Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "どう思うかを選んでください。"},
    )
    criteria = forms.MultipleChoiceField(
        label="当てはまる基準",
        choices=[(c.value, f"{c.value} {c.label}") for c in Criterion],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    signals = forms.MultipleChoiceField(
        label="気づいたこと（基準とは別に）",
        choices=Signal.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="「見守り」を選ぶと、つらい気持ちのサインとして、判断する人にすぐ知らせます。",
    )


class RemoteForm(forms.Form):
    """Which criteria a judge outside the house is asked about."""

    criteria = forms.MultipleChoiceField(
        label="外部に聞く基準",
        choices=[(c.value, f"{c.value} {c.label}") for c in Criterion if c not in NOT_ASKED],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="「コ」と「サ」は選べません。表示名と過去のコメントは外に送らないためです。",
    )
