"""Forms of the account pages."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.forms import TextInput


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
