"""Who may register, offer and assure places."""

from accounts.enums import Role
from core.permissions import Predicate, has_role

PERMISSIONS: dict[str, Predicate] = {
    "employers.manage_slots": has_role(Role.EMPLOYER_ADMINISTRATOR),
    "employers.view_learners": has_role(Role.EMPLOYER_ADMINISTRATOR, Role.SUPERVISOR),
    "employers.assure_slots": has_role(Role.REGIONAL_COORDINATOR),
    "employers.view_register": has_role(Role.REGIONAL_COORDINATOR, Role.AUTHORITY_COORDINATOR),
    "employers.invite_employer": has_role(Role.REGIONAL_COORDINATOR),
}
