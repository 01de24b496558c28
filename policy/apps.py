from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "policy"
    verbose_name = "運用方針"

    def ready(self) -> None:
        from jspm_social.accounts import handover
        from policy.handover import VERSIONS

        handover.register(VERSIONS)
