"""Who may see and keep classes, and book their weeks."""

from accounts.enums import SCHOOL_STAFF, Role
from core.permissions import Predicate, has_role

PERMISSIONS: dict[str, Predicate] = {
    "schools.view_classes": has_role(*SCHOOL_STAFF, Role.AUTHORITY_COORDINATOR, Role.PROTECTED_IDENTITY_OFFICER),
    "schools.import_class": has_role(Role.CAREER_COUNSELLOR, Role.PRAO_TEACHER, Role.AUTHORITY_COORDINATOR),
    "schools.view_weeks": has_role(*SCHOOL_STAFF, Role.AUTHORITY_COORDINATOR, Role.REGIONAL_COORDINATOR),
    "schools.book_weeks": has_role(Role.CAREER_COUNSELLOR, Role.PRAO_TEACHER, Role.AUTHORITY_COORDINATOR),
}
