from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "moderation"
    verbose_name = "コメント"

    def ready(self) -> None:
        from jspm_social.accounts import handover
        from jspm_social.platforms import comment_links
        from moderation import transparency as counted
        from moderation.decided import DecidedByPeople
        from moderation.handover import TASKS
        from moderation.past import StoredComments
        from moderation.queries import is_comment
        from policy import learning, past, transparency

        comment_links.register(is_comment)
        handover.register(TASKS)
        past.register(StoredComments())
        learning.register(DecidedByPeople())
        transparency.register(counted.count)
