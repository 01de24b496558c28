from django.apps import AppConfig


class PlatformsConfig(AppConfig):
    name = "jspm_social.platforms"
    label = "platforms"
    verbose_name = "プラットフォーム"
