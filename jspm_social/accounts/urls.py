from django.contrib.auth.views import LogoutView
from django.urls import path

from jspm_social.accounts import views

app_name = "accounts"

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordView.as_view(), name="password_change"),
    path("me/", views.me, name="me"),
]
