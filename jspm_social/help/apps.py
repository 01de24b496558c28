from django.apps import AppConfig


class HelpConfig(AppConfig):
    name = "jspm_social.help"
    label = "help"
    verbose_name = "ヘルプ"
