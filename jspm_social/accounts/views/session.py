"""Log-in, log-out, password change, and what the console knows of oneself."""

from datetime import timedelta
from typing import cast

from axes.helpers import get_cool_off
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView as DjangoLoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

from jspm_social.accounts import services
from jspm_social.accounts.access import AuthenticatedHttpRequest, signed_in
from jspm_social.accounts.forms import LoginForm
from jspm_social.accounts.models import User
from jspm_social.accounts.presenters import standing


class LoginView(DjangoLoginView):
    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True


def locked_out(
    request: HttpRequest,
    _response: HttpResponseBase | None = None,
    _credentials: dict[str, str] | None = None,
) -> HttpResponse:
    """What django-axes answers after too many wrong passwords, right ones included by then."""
    wait = get_cool_off(request) or timedelta()
    minutes = int(wait.total_seconds() // 60)
    return render(request, "accounts/locked.html", {"minutes": minutes}, status=429)


@require_safe
@signed_in
def me(request: AuthenticatedHttpRequest) -> HttpResponse:
    return render(request, "accounts/me.html", {"person": request.user, **standing(request.user)})


class PasswordView(PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:me")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Change it by our service; this session goes on, all others of the person end."""
        user = cast("User", self.request.user)
        password = form.cleaned_data["new_password1"]
        changed = services.set_password(actor=user, user=user, password=password)
        update_session_auth_hash(self.request, changed)
        messages.success(self.request, "パスワードを変更しました。")
        return redirect(self.get_success_url())
