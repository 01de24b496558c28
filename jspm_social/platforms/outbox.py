"""The outbox row: one change on a platform that must happen once, whatever breaks in between."""

from django.db import models

from .models import Channel
from .names import Effect
from .states import OperationState


class RemoteOperation(models.Model):
    """One change on its way to a platform (abstract): an effect on a comment, or a post.

    The row is the truth and the queue only wakes workers. `achieved` tells how it ended.
    """

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    achieved = models.CharField(max_length=16, blank=True)
    state = models.CharField(
        max_length=16, choices=OperationState.choices, default=OperationState.WAITING
    )
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    readings = models.PositiveSmallIntegerField(default=0)  # in vain, while the outcome is unknown
    trouble = models.CharField(max_length=200, blank=True)  # the error's kind and plain detail
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class EffectOperation(RemoteOperation):
    """One effect on a comment or its author (abstract). `wanted` is what the person chose,
    `effect` what the planner made of it, `achieved` 'applied' or 'gone'.
    """

    effect = models.CharField(max_length=16, choices=Effect.choices)
    wanted = models.CharField(max_length=16)

    class Meta:
        abstract = True
