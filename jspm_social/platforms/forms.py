"""What people type about the accounts, checked."""

from django import forms

from .spending import LEAST


class CeilingForm(forms.Form):
    """The most that may be spent in a month; empty for no limit."""

    dollars = forms.IntegerField(
        label="月の上限（ドル）",
        required=False,
        min_value=LEAST,
        max_value=100_000,
        help_text=f"{LEAST}以上の整数。空にすると上限をなくします。",
        error_messages={
            "invalid": "数字で入力してください。",
            "min_value": f"{LEAST}ドル以上にしてください。1回の取得でかかることがある額です。",
            "max_value": "10万ドル以下にしてください。",
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
