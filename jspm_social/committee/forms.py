"""What is typed to change a setting."""

from django import forms

from jspm_social.committee.catalogue import Definition

YES_NO = [("1", "必要"), ("0", "不要")]


class ChangeForm(forms.Form):
    """The new value, within its bounds, and why."""

    def __init__(self, *args: object, definition: Definition, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        value: forms.Field
        if definition.is_flag:
            value = forms.TypedChoiceField(
                label=definition.label, choices=YES_NO, coerce=int, widget=forms.RadioSelect
            )
        else:
            value = forms.IntegerField(
                label=f"{definition.label}（{definition.unit}）",
                min_value=definition.low,
                max_value=definition.high,
                help_text=f"{definition.low}〜{definition.high}{definition.unit}",
            )
        self.fields["value"] = value
        self.fields["reason"] = forms.CharField(
            label="変える理由", max_length=500, help_text="この画面と監査記録に残ります。"
        )
