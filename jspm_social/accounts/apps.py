from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "jspm_social.accounts"
    label = "accounts"
    verbose_name = "利用者"
