"""A worker that dies when it is told to: one order per line in, one exit code per line out.

Each order runs in a fork of its own, with connections of its own, and may name a function before
or after which the process ends by `os._exit`: no handler, no rollback, no farewell to anybody.
"""

import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

import django
import time_machine

DIED = 17


def obey(order: dict[str, Any]) -> NoReturn:
    """Run `order["run"]` with its arguments at the time it names; end the process."""
    if order["die"]:
        _lay_mine(*order["die"])
    try:
        with time_machine.travel(datetime.fromisoformat(order["at"])):
            _named(order["run"])(**order["args"])
    except BaseException:  # noqa: BLE001 - reported to the test by the exit code
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _lay_mine(when: str, name: str) -> None:
    module, _, function = name.rpartition(".")
    original = _named(name)

    def mined(*args: Any, **kwargs: Any) -> None:
        if when == "after":
            original(*args, **kwargs)
        os._exit(DIED)

    setattr(importlib.import_module(module), function, mined)


def _named(name: str) -> Callable[..., Any]:
    module, _, function = name.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def decide(case_id: int, actor_id: int, outcome: str) -> None:
    from jspm_social.accounts.models import User
    from jspm_social.platforms.capabilities import Outcome
    from moderation.models import Case
    from moderation.services.decide import decide as service
    from policy.criteria import Criterion

    case = Case.objects.get(pk=case_id)
    service(
        actor=User.objects.get(pk=actor_id),
        case=case,
        revision_id=case.comment.revisions.order_by("-number")[0].pk,
        outcome=Outcome(outcome),
        criteria=[Criterion.TERMS],
    )


def confirm(decision_id: int, actor_id: int) -> None:
    from jspm_social.accounts.models import User
    from moderation.models import Decision
    from moderation.services import second

    second.confirm(
        actor=User.objects.get(pk=actor_id),
        decision=Decision.objects.get(pk=decision_id),
        agree=True,
    )


def main() -> None:
    django.setup()
    from jspm_social.platforms.registry import CLIENTS

    for name in (
        "moderation.jobs",
        *(path.rpartition(".")[0] for path in CLIENTS.values()),
    ):
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            obey(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
