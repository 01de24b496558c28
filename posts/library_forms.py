"""What people type about media, events and sources."""

from typing import Any, ClassVar

from django import forms

from jspm_social.platforms.names import Platform
from posts.models import Event, MediaFile, SourceCard


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _url() -> forms.URLField:
    return forms.URLField(label="URL", required=False, max_length=500, assume_scheme="https")


def _time() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class RightsForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Whose a file is, and what it shows."""

    platforms = forms.MultipleChoiceField(
        label="使えるプラットフォーム",
        choices=Platform.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="何も選ばなければ、すべてで使えます。",
    )

    class Meta:
        model = MediaFile
        fields = (
            "name",
            "alt",
            "holder",
            "licence",
            "credit",
            "consent",
            "no_reprint",
            "expires_on",
        )
        widgets: ClassVar = {"alt": forms.Textarea(attrs={"rows": 3}), "expires_on": _day()}
        help_texts: ClassVar = {
            "alt": "画像を見られない人に伝わるように書きます。画像の中の文字も書きます。",
            "licence": "例：学会所有、使用許諾済み（2026年4月）、CC BY 4.0",
            "credit": "入力すると、本文の最後に自動で付きます。",
        }


class UploadForm(RightsForm):
    upload = forms.FileField(
        label="ファイル",
        help_text="画像（JPEG・PNGなど）か動画（MP4）。位置情報などは取り除きます。",
    )
    field_order = ("upload",)


class EventForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    url = _url()

    class Meta:
        model = Event
        fields = (
            "name",
            "starts_on",
            "ends_on",
            "start_time",
            "end_time",
            "venue",
            "deadline",
            "url",
        )
        widgets: ClassVar = {
            "starts_on": _day(),
            "ends_on": _day(),
            "deadline": _day(),
            "start_time": _time(),
            "end_time": _time(),
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "最終日は、開催日より後にしてください。")
        return cleaned


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    url = _url()

    class Meta:
        model = SourceCard
        fields = ("title", "url", "doi", "published_on", "quote", "read_on")
        widgets: ClassVar = {
            "published_on": _day(),
            "read_on": _day(),
            "quote": forms.Textarea(attrs={"rows": 3}),
        }

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("url") and not cleaned.get("doi"):
            self.add_error("url", "URLかDOIのどちらかを入力してください。")
        return cleaned
