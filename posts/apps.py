from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "posts"
    verbose_name = "投稿"

    def ready(self) -> None:
        from jspm_social.accounts import handover
        from policy import announcements
        from posts.services import announcing
        from posts.services.handover import DRAFTS

        announcements.register(announcing)
        handover.register(DRAFTS)
