"""An RQ worker that has the judgement loaded before it forks a process per job."""

from typing import Any

from django.db import connections
from django_rq.management.commands.rqworker import Command as RqWorker

import moderation.jobs  # noqa: F401 -- imported once here instead of in every job
from policy.engine import Author, Context, evaluate
from policy.learned import model_in_use
from policy.queries import NoPolicy, compiled_active_ruleset


class Command(RqWorker):
    help = "Run a worker on the named queues, the first named served first (act intake bulk)."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            nothing = Context("", Author("", "", ""))
            evaluate("。", nothing, compiled_active_ruleset(), model=model_in_use())
        except NoPolicy as error:
            self.stderr.write(f"{error}")
        connections.close_all()  # a forked process must not share the parent's connection
        super().handle(*args, **options)  # type: ignore[no-untyped-call]  # django-rq's
