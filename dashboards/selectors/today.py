"""What needs each role today, urgency first."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Organisation
from core.permissions import Actor
from core.ui import TaskGroup


@dataclass(frozen=True, slots=True)
class Today:
    """A start page: the groups of tasks."""

    groups: Sequence[TaskGroup]


def today_for(actor: Actor, organisation: Organisation) -> Today:
    """Return what needs the actor."""
    return Today(groups=[])
