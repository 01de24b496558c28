from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "jspm_social.approvals"
    label = "approvals"
    verbose_name = "承認"
