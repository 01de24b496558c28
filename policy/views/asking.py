"""What the pages of the rule sets share."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from policy.criteria import Criterion, Signal
from policy.errors import Refused
from policy.models import RuleSet
from policy.states import RuleSetState

TONES = {
    RuleSetState.DRAFT: "info",
    RuleSetState.SHADOW: "warn",
    RuleSetState.ACTIVE: "good",
    RuleSetState.RETIRED: "neutral",
    RuleSetState.WITHDRAWN: "plain",
}
NAMES = {**dict(Criterion.choices), **dict(Signal.choices)}


def ruleset_or_404(number: int) -> RuleSet:
    """The rule set of this number."""
    return get_object_or_404(RuleSet.objects.select_related("based_on"), number=number)


def draft() -> RuleSet | None:
    """The draft that is being edited, if there is one."""
    return RuleSet.objects.filter(state=RuleSetState.DRAFT).first()


def attempt(request: HttpRequest, verb: Callable[[], object], done: str) -> bool:
    """Carry a verb out, and say how it went."""
    try:
        verb()
    except Refused as error:
        messages.error(request, str(error))
        return False
    messages.success(request, done)
    return True


def tag(criterion: str) -> str:
    """'キ 政治・宗教・営利活動' for a criterion, '見守り' for a signal."""
    name = NAMES.get(criterion, criterion)
    return f"{criterion} {name}" if criterion in Criterion.values else str(name)
