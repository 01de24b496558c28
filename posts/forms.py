"""What people type about posts, checked for form. Whether it may go out is the services' matter."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from posts.content import Content, PollContent, Variant
from posts.models import Event, MediaFile, Post, RegisteredAction, SourceCard
from posts.queries import linkable

BODY_LENGTH = 20_000
OPTIONS = 4  # a poll's, the most that every platform with polls takes
NOTE_LENGTH = 2_000
LOCAL = "%Y-%m-%dT%H:%M"


class BeginForm(forms.Form):
    title = forms.CharField(
        label="件名", max_length=120, help_text="委員会の中だけで使う名前です。公開されません。"
    )
    purpose = forms.ChoiceField(label="目的（運用方針1）", choices=Post.Purpose.choices)
    kind = forms.ChoiceField(
        label="種類", choices=Post.Kind.choices, help_text="必要な承認の人数が変わります。"
    )


class DraftForm(forms.Form):
    """A whole draft, with fields of its own for every channel that can be chosen."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(label="件名", max_length=120)
    body = forms.CharField(
        label="本文",
        required=False,
        max_length=BODY_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 9}),
    )
    link = forms.URLField(label="リンク", required=False, max_length=500, assume_scheme="https")
    tags = forms.CharField(
        label="ハッシュタグ",
        required=False,
        max_length=300,
        help_text="空白で区切ります。# は付けても付けなくても構いません。",
    )
    assets = forms.ModelMultipleChoiceField(
        label="画像・動画", required=False, queryset=MediaFile.objects.none()
    )
    poll_hours = forms.IntegerField(
        label="アンケートの期間（時間）", required=False, min_value=1, max_value=168
    )

    def __init__(
        self, data: Any = None, *, channels: Iterable[Channel], initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.channel_rows = list(channels)
        assets = self.fields["assets"]
        assert isinstance(assets, forms.ModelMultipleChoiceField)  # noqa: S101 -- for the type checker
        assets.queryset = MediaFile.objects.all()
        for number in range(1, OPTIONS + 1):
            label = f"選択肢{number}"
            self.fields[f"option_{number}"] = forms.CharField(
                label=label, required=False, max_length=25
            )
        for channel in self.channel_rows:
            self._add_channel(channel)

    def _add_channel(self, channel: Channel) -> None:
        self.fields[f"on_{channel.pk}"] = forms.BooleanField(label=str(channel), required=False)
        self.fields[f"own_{channel.pk}"] = forms.BooleanField(
            label="この投稿先だけ文を変える", required=False
        )
        self.fields[f"text_{channel.pk}"] = forms.CharField(
            label=f"{channel}の本文",
            required=False,
            max_length=BODY_LENGTH,
            strip=False,
            widget=forms.Textarea(attrs={"rows": 6}),
        )
        if channel.platform == Platform.YOUTUBE:
            self.fields[f"title_{channel.pk}"] = forms.CharField(
                label="動画の題名", required=False, max_length=100
            )

    def channel_fields(self) -> list[dict[str, Any]]:
        """Return, per channel, its bound fields for the template."""
        return [
            {
                "channel": channel,
                "on": self[f"on_{channel.pk}"],
                "own": self[f"own_{channel.pk}"],
                "text": self[f"text_{channel.pk}"],
                "title": self[f"title_{channel.pk}"]
                if f"title_{channel.pk}" in self.fields
                else None,
            }
            for channel in self.channel_rows
        ]

    def chosen_assets(self) -> set[int]:
        """The media that are ticked, also when the form was refused."""
        return {int(pk) for pk in self["assets"].value() or [] if str(pk).isdigit()}

    def option_fields(self) -> list[forms.BoundField]:
        return [self[f"option_{number}"] for number in range(1, OPTIONS + 1)]

    def clean_tags(self) -> tuple[str, ...]:
        words = re.split(r"[\s、,]+", self.cleaned_data["tags"])
        return tuple(dict.fromkeys(tag for word in words if (tag := word.strip("#＃"))))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        options = [cleaned.get(f"option_{n}", "") for n in range(1, OPTIONS + 1)]
        if len([o for o in options if o]) == 1:
            self.add_error("option_2", "アンケートには、選択肢が2つ以上必要です。")
        return cleaned

    def content(self) -> Content:
        """Return what was typed. Only for a valid form."""
        typed = self.cleaned_data
        return Content(
            body=_lines(typed["body"]),
            link=typed["link"],
            tags=typed["tags"],
            media=tuple(file.pk for file in typed["assets"]),
            poll=self._poll(),
            channels={c.pk: self._variant(c) for c in self.channel_rows if typed[f"on_{c.pk}"]},
        )

    def _poll(self) -> PollContent | None:
        typed = self.cleaned_data
        options = [typed[f"option_{n}"] for n in range(1, OPTIONS + 1)]
        given = tuple(option for option in options if option)
        return PollContent(given, (typed["poll_hours"] or 24) * 60) if given else None

    def _variant(self, channel: Channel) -> Variant:
        typed = self.cleaned_data
        own = _lines(typed[f"text_{channel.pk}"]) if typed[f"own_{channel.pk}"] else None
        return Variant(text=own, title=typed.get(f"title_{channel.pk}", ""))

    @staticmethod
    def initial_of(post: Post) -> dict[str, Any]:
        """Return the post's draft as the fields show it."""
        draft = post.draft
        fields: dict[str, Any] = {
            "version": post.version,
            "title": post.title,
            "body": draft.body,
            "link": draft.link,
            "tags": " ".join(draft.tags),
            "assets": list(draft.media),
            "poll_hours": draft.poll.minutes // 60 if draft.poll else 24,
        }
        for number, option in enumerate(draft.poll.options if draft.poll else (), start=1):
            fields[f"option_{number}"] = option
        for pk, variant in draft.channels.items():
            fields[f"on_{pk}"] = True
            fields[f"own_{pk}"] = variant.text is not None
            fields[f"text_{pk}"] = draft.body if variant.text is None else variant.text
            fields[f"title_{pk}"] = variant.title
        return fields


def _lines(text: str) -> str:
    """Browsers send line ends as CR LF; a draft has LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class OneOfSeveral(forms.Form):
    """A form that shares its page with others: its fields' ids begin with the form's own name."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **options)


class MomentField(forms.DateTimeField):
    """A time in Asia/Tokyo, to the minute."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        super().__init__(widget=widget, input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S"], **options)


class FactsForm(OneOfSeveral):
    """What a post speaks of, and what binds it besides its text."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    event = forms.ModelChoiceField(
        label="イベント", required=False, queryset=Event.objects.all(), empty_label="なし"
    )
    sources = forms.ModelMultipleChoiceField(
        label="出典",
        required=False,
        queryset=SourceCard.objects.all(),
        widget=forms.CheckboxSelectMultiple,
    )
    sponsor = forms.CharField(label="提供・協賛", required=False, max_length=200)
    embargo_until = MomentField(label="解禁日時（これより前に公開しない）", required=False)
    expires_at = MomentField(label="取り下げる日時（できる投稿先だけ）", required=False)

    @staticmethod
    def initial_of(post: Post) -> dict[str, Any]:
        return {
            "version": post.version,
            "event": post.event,
            "sources": list(post.sources.all()),
            "sponsor": post.sponsor,
            "embargo_until": post.embargo_until,
            "expires_at": post.expires_at,
        }


class SubmitForm(OneOfSeveral):
    """When an approved post may go out, and until when the approval is wanted."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    not_before = MomentField(label="公開してよい期間の初め")
    not_after = MomentField(label="公開してよい期間の終わり")
    answer_by = MomentField(label="承認の期限")


class UrgentForm(OneOfSeveral):
    """Why a post is urgent. It stands in the form that asks for approval, and is empty there."""

    use_required_attribute = False

    urgent_because = forms.CharField(
        label="緊急として扱う理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "緊急として扱う理由を書いてください。"},
    )


class NoteForm(OneOfSeveral):
    note = forms.CharField(
        label="理由",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "理由を書いてください。"},
    )


class RemarkForm(OneOfSeveral):
    text = forms.CharField(
        label="コメント", max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 3})
    )
    quote = forms.CharField(
        label="どこについて",
        required=False,
        max_length=500,
        help_text="本文から書き写すと、その箇所に印が付きます。",
    )


class SuggestionForm(OneOfSeveral):
    old = forms.CharField(label="元の文", max_length=1_000, strip=False)
    new = forms.CharField(label="こう直しては", required=False, max_length=1_000, strip=False)
    note = forms.CharField(label="提案の理由", required=False, max_length=NOTE_LENGTH)


class ActionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """An action of the register. What its kind asks for is the service's matter."""

    target_url = forms.URLField(
        label="対象のアドレス", required=False, max_length=500, assume_scheme="https"
    )
    starts_at = MomentField(label="開始日時", required=False)
    ends_at = MomentField(label="終了日時", required=False)

    class Meta:
        model = RegisteredAction
        fields = (
            "kind",
            "channel",
            "target_url",
            "relation",
            "exception",
            "reason",
            "plan",
            "starts_at",
            "ends_at",
            "on_duty",
            "archive",
        )
        widgets: ClassVar = {
            name: forms.Textarea(attrs={"rows": 3}) for name in ("exception", "reason", "plan")
        }


class ScheduleForm(forms.Form):
    """One time per channel of the approved post."""

    def __init__(self, data: Any = None, *, channels: Iterable[Channel], at: datetime) -> None:
        super().__init__(data)
        self.channel_rows = list(channels)
        for channel in self.channel_rows:
            self.fields[f"at_{channel.pk}"] = MomentField(label=str(channel), initial=at)

    def times(self) -> dict[int, datetime]:
        return {channel.pk: self.cleaned_data[f"at_{channel.pk}"] for channel in self.channel_rows}


class NativeForm(forms.Form):
    """What a post that the console did not publish is. Which field is needed, the verb says."""

    post = forms.ModelChoiceField(
        label="もとになった投稿",
        queryset=Post.objects.none(),
        required=False,
        empty_label="選んでいません",
        help_text="このコンソールで承認された、最近の投稿から選びます。",
    )
    words = forms.CharField(
        label="確認した内容・誤りの内容",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="だれが、なぜ投稿したか。誤りのときは、どこが、どう違うか。",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["post"].queryset = linkable()  # type: ignore[attr-defined]
