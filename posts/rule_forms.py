"""What chair and admins type about posting and deputies."""

from datetime import time

from django import forms

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role
from jspm_social.platforms.models import Channel
from posts.models import Post

_DAY = {"type": "date"}
_TIME = {"type": "time"}


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))


def _time(label: str, usual: time) -> forms.TimeField:
    widget = forms.TimeInput(attrs=_TIME, format="%H:%M")
    return forms.TimeField(label=label, required=False, initial=usual, widget=widget)


def _because() -> forms.CharField:
    return forms.CharField(
        label="変える理由", max_length=500, help_text="この画面の履歴と監査記録に残ります。"
    )


class ApprovalRuleForm(forms.Form):
    kind = forms.ChoiceField(
        label="投稿の種類", required=False, choices=[("", "すべて"), *Post.Kind.choices]
    )
    channel = forms.ModelChoiceField(
        label="投稿先", required=False, queryset=Channel.objects.all(), empty_label="すべて"
    )
    role = forms.ChoiceField(label="役割", choices=Role.choices)
    count = forms.IntegerField(
        label="人数",
        min_value=0,
        max_value=5,
        initial=1,
        help_text="0にすると、この決まりを外します。",
    )
    because = _because()


class CadenceForm(forms.Form):
    channel = forms.ModelChoiceField(label="投稿先", queryset=Channel.objects.all())
    gap_minutes = forms.IntegerField(
        label="投稿の間隔（分）", min_value=0, max_value=10_080, initial=120
    )
    per_day = forms.IntegerField(label="1日の目安（件）", min_value=0, max_value=100, initial=3)
    per_week = forms.IntegerField(label="1週間の目安（件）", min_value=0, max_value=500, initial=10)
    quiet_from = _time("控える時間の初め", time(21))
    quiet_to = _time("控える時間の終わり", time(7))
    because = _because()


class BlackoutForm(forms.Form):
    day = _day("日付")
    reason = forms.CharField(
        label="控えるわけ",
        required=False,
        max_length=200,
        help_text="予定表に出ます。空欄にすると、この日を外します。",
    )
    because = _because()


class DeputyForm(forms.Form):
    absent = forms.ModelChoiceField(label="不在の人", queryset=User.objects.filter(is_active=True))
    deputy = forms.ModelChoiceField(label="代理の人", queryset=User.objects.filter(is_active=True))
    role = forms.ChoiceField(label="役割", choices=Role.choices)
    first_day = _day("初日")
    last_day = _day("最終日")
