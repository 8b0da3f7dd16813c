"""Who may manage people."""

from accounts.enums import Role
from core.permissions import Actor, Predicate, has_role

is_administrator = has_role(
    Role.REGIONAL_COORDINATOR,
    Role.AUTHORITY_COORDINATOR,
    Role.SYSTEM_ADMINISTRATOR,
    Role.PRINCIPAL,
    Role.CAREER_COUNSELLOR,
    Role.EMPLOYER_ADMINISTRATOR,
)


def is_member(actor: Actor, _obj: object = None) -> bool:
    """Any role will do."""
    return bool(actor.roles)


PERMISSIONS: dict[str, Predicate] = {
    "accounts.view_today": is_member,
    "accounts.manage_people": is_administrator,
    "accounts.view_access_log": has_role(Role.AUTHORITY_COORDINATOR, Role.SYSTEM_ADMINISTRATOR, Role.PRINCIPAL),
}
