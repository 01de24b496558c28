"""What people type about a version of the policy, checked for form."""

import re
from typing import Any

from django import forms

from policy.models import PolicyVersion
from policy.numbering import Level

TEXT_LENGTH = 20_000
NOTE_LENGTH = 2_000
_LINE_END = re.compile("\r\n|[\r\v\f\u2028\u2029]")
_NO_XML = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff]")


def _text(label: str, *, rows: int, required: bool, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=TEXT_LENGTH,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class _Plain(forms.Form):
    """A form whose words can stand in a page, a Word file and a feed alike."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        return {
            name: plain(value) if isinstance(value, str) else value
            for name, value in cleaned.items()
        }


def plain(text: str) -> str:
    """Return the text with line ends as they are stored (a word processor's own among them) and
    without the signs that no XML can hold.
    """
    return _NO_XML.sub("", _LINE_END.sub("\n", text))


class ClauseForm(_Plain):
    """One clause. A kind of clause without a heading has no such field."""

    base = forms.IntegerField(widget=forms.HiddenInput)
    heading = forms.CharField(label="見出し", max_length=200)
    text = _text("本文", rows=9, required=False)

    def __init__(self, *args: Any, has_heading: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_heading:
            del self.fields["heading"]
            self.fields["text"].required = True


class NewClauseForm(_Plain):
    """A clause to be added."""

    level = forms.ChoiceField(
        label="種類",
        choices=[
            (Level.SUBSECTION, "項（「（1）見出し」と本文）"),
            (Level.ITEM, "号（「(1) 本文」）"),
            (Level.LETTER, "「ア 本文」"),
            (Level.LEAD_OUT, "号の後に続く文"),
            (Level.SECTION, "節（「1. 見出し」と本文）"),
        ],
        help_text="番号は、並びから自動で付きます。",
    )
    heading = forms.CharField(
        label="見出し", max_length=200, required=False, help_text="節と項では必要です。"
    )
    text = _text("本文", rows=7, required=False)


class AboutForm(_Plain):
    """What is said of the version as a whole."""

    base = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label="表題", max_length=200)
    effective_from = forms.DateField(
        label="施行日",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="この日の午前0時（日本時間）に、自動で切り替わります。",
    )
    summary = forms.CharField(
        label="改定の要点",
        required=False,
        max_length=1_000,
        help_text="何を、なぜ変えたか。公開のページとお知らせに載ります。",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    @staticmethod
    def initial_of(version: PolicyVersion) -> dict[str, Any]:
        return {
            "base": version.edit_number,
            "title": version.title,
            "effective_from": version.effective_from,
            "summary": version.summary,
        }


class NoteForm(forms.Form):
    note = forms.CharField(
        label="理由・メモ",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
