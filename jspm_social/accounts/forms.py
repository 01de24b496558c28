"""Forms of the account pages."""

from typing import Any, cast

from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.forms import (
    CharField,
    CheckboxSelectMultiple,
    DateField,
    DateInput,
    EmailField,
    Form,
    ModelChoiceField,
    MultipleChoiceField,
    PasswordInput,
    TextInput,
)

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import DESCRIPTIONS, Role


class LoginUsername(UsernameField):
    """People type their name on phones, which begin with a capital letter."""

    def to_python(self, value: Any | None) -> str:
        return (super().to_python(value) or "").lower()


class LoginForm(AuthenticationForm):
    username = LoginUsername(label="利用者名", widget=TextInput({"autofocus": True}))

    error_messages = {
        "invalid_login": "利用者名またはパスワードが違います。もう一度入力してください。",
        "inactive": "この利用者名は利用を停止しています。管理者にお問い合わせください。",
    }


def _roles() -> MultipleChoiceField:
    choices = [(str(role), f"{role.label}：{DESCRIPTIONS[role]}") for role in Role]
    return MultipleChoiceField(
        label="役割", choices=choices, required=False, widget=CheckboxSelectMultiple
    )


def _reason() -> CharField:
    return CharField(
        label="理由", max_length=500, help_text="監査記録に残ります。", widget=TextInput()
    )


def _day(label: str) -> DateField:
    return DateField(label=label, widget=DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class DetailsForm(Form):
    display_name = CharField(label="氏名", max_length=100)
    reading = CharField(
        label="よみ", max_length=100, required=False, help_text="ひらがな。名簿の並び順に使います。"
    )
    email = EmailField(
        label="メールアドレス", required=False, help_text="承認の依頼などのお知らせが届きます。"
    )


class InviteForm(DetailsForm):
    """Whom to invite. The person sets the password themselves."""

    username = LoginUsername(
        label="利用者名",
        max_length=64,
        help_text="ログインに使います。半角の英小文字・数字と . _ - で2〜64文字。",
        widget=TextInput({"autocapitalize": "none", "autocomplete": "off"}),
    )
    email = EmailField(label="メールアドレス", help_text="ここに、7日間有効なリンクを送ります。")
    roles = _roles()

    field_order = ["display_name", "reading", "username", "email", "roles"]


class RolesForm(Form):
    roles = _roles()
    reason = _reason()


class LeaveForm(Form):
    first_day = _day("初日")
    last_day = _day("最終日")


class ReasonForm(Form):
    reason = _reason()


class DepartureForm(ReasonForm):
    """Why somebody's access ends, and who takes over what they had in hand."""

    heir = ModelChoiceField(
        label="引き継ぐ人",
        queryset=User.objects.none(),
        required=False,
        empty_label="決めない（だれでも続けられるようにする）",
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        heirs = User.objects.at_work().exclude(pk=person.pk)
        cast("ModelChoiceField[User]", self.fields["heir"]).queryset = heirs


class NewPasswordForm(Form):
    """The first password of somebody who was invited, typed twice."""

    password = CharField(
        label="パスワード",
        widget=PasswordInput({"autocomplete": "new-password"}),
        strip=False,
        help_text="12文字以上。ほかのサービスと同じものは使わないでください。",
    )
    again = CharField(
        label="パスワード（もう一度）",
        widget=PasswordInput({"autocomplete": "new-password"}),
        strip=False,
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if "password" in typed and typed.get("again") not in {None, typed["password"]}:
            self.add_error("again", "2回の入力が違います。")
        return typed
