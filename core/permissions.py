"""Who acts, and what they may do: named predicates, registered by each app's rules module."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

Predicate = Callable[["Actor", Any], bool]


class ActorKind(StrEnum):
    """How the actor came in."""

    MEMBER = "member"
    LEARNER = "learner"
    LINK = "link"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts. `label` is what histories show: a person's name for staff, never a learner's."""

    kind: ActorKind
    label: str
    region_id: UUID | None = None
    organisation_id: UUID | None = None
    authority_id: UUID | None = None
    employer_id: UUID | None = None
    user_id: UUID | None = None
    learner_id: UUID | None = None
    roles: frozenset[str] = frozenset()

    def can(self, permission: str, obj: Any = None) -> bool:
        """Tell whether the named permission holds for this actor (and object)."""
        return _registry[permission](self, obj)


SYSTEM = Actor(kind=ActorKind.SYSTEM, label="Bryggan")

_registry: dict[str, Predicate] = {}


def register(permissions: Mapping[str, Predicate]) -> None:
    """Take up an app's permissions. Called once from its AppConfig.ready."""
    _registry.update(permissions)


def has_role(*roles: str) -> Predicate:
    """Build a predicate: the actor holds one of these roles in the organisation acted for."""
    wanted = frozenset(roles)

    def predicate(actor: Actor, _obj: Any = None) -> bool:
        return bool(actor.roles & wanted)

    return predicate
