from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "jspm_social"
    verbose_name = "広報コンソール"

    def ready(self) -> None:
        """Register the system checks."""
        from jspm_social import checks  # noqa: F401
