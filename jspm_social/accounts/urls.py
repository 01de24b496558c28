from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.decorators.http import require_http_methods

from jspm_social.accounts import views

app_name = "accounts"

form_methods = require_http_methods(["GET", "HEAD", "POST"])

urlpatterns = [
    path("login/", form_methods(views.LoginView.as_view()), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", form_methods(views.PasswordView.as_view()), name="password_change"),
    path("me/", views.me, name="me"),
]
