from django.apps import AppConfig


class CommitteeConfig(AppConfig):
    name = "jspm_social.committee"
    label = "committee"
    verbose_name = "委員会の設定"
