from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "jspm_social.approvals"
    label = "approvals"
    verbose_name = "承認"

    def ready(self) -> None:
        from jspm_social.accounts import handover
        from jspm_social.approvals.handover import ASKED

        handover.register(ASKED)
