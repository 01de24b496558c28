from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "posts"
    verbose_name = "投稿"

    def ready(self) -> None:
        from policy import announcements
        from posts.services import announcing

        announcements.register(announcing)
