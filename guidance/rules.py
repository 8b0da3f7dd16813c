"""Who may read and write a guidance plan."""

from accounts.enums import SCHOOL_STAFF, Role
from core.permissions import Predicate, has_role

PERMISSIONS: dict[str, Predicate] = {
    "guidance.view_plan": has_role(*SCHOOL_STAFF, Role.AUTHORITY_COORDINATOR),
    "guidance.edit_plan": has_role(Role.CAREER_COUNSELLOR, Role.PRINCIPAL),
}
