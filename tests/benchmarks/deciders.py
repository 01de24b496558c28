"""Eight people deciding at the same moment, each on cases of their own."""

import threading
import time
from collections.abc import Sequence

from django.db import connections

from jspm_social.accounts.models import User
from jspm_social.platforms.capabilities import Outcome
from moderation.models import Case
from moderation.services.decide import decide
from policy.criteria import Criterion

PEOPLE = 8


def decide_at_once(each: int, database: str) -> list[float]:
    """Return the seconds that each decision took, the audit trail's one order included.

    The oldest open cases are taken; of two, one is kept and one hidden.
    """
    actors = list(User.objects.order_by("pk"))
    hideable = Case.objects.filter(state="open", comment__channel__platform__in=["x", "facebook"])
    cases = list(hideable.order_by("pk")[: PEOPLE * each])
    took: list[float] = []
    raised: list[Exception] = []
    start = threading.Barrier(PEOPLE)

    def work(actor: User, own: Sequence[Case]) -> None:
        connections["default"].settings_dict = {
            **connections["default"].settings_dict,
            "NAME": database,
        }
        start.wait(timeout=30)
        try:
            took.extend(_decide(actor, case, number) for number, case in enumerate(own))
        except Exception as error:  # noqa: BLE001 -- handed to the caller
            raised.append(error)
        finally:
            connections["default"].close()

    threads = [
        threading.Thread(target=work, args=[actors[n % len(actors)], cases[n::PEOPLE]])
        for n in range(PEOPLE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
    return took


def _decide(actor: User, case: Case, number: int) -> float:
    begun = time.perf_counter()
    revision = case.comment.revisions.get(number=case.comment.revision_number)
    decide(
        actor=actor,
        case=case,
        revision_id=revision.pk,
        outcome=Outcome.HIDE if number % 2 else Outcome.KEEP,
        criteria=[Criterion.DEFAMATION] if number % 2 else [],
        note="確かめました",
    )
    return time.perf_counter() - begun
