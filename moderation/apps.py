from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"
    verbose_name = "コメント"

    def ready(self) -> None:
        from jspm_social.platforms import comment_links
        from moderation.queries import is_comment

        comment_links.register(is_comment)
