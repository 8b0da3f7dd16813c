"""Who may open rounds, run allocations, publish, and answer."""

from accounts.enums import SCHOOL_STAFF, Role
from core.permissions import Predicate, has_role

PERMISSIONS: dict[str, Predicate] = {
    "placements.view_rounds": has_role(*SCHOOL_STAFF, Role.AUTHORITY_COORDINATOR),
    "placements.open_round": has_role(Role.CAREER_COUNSELLOR, Role.AUTHORITY_COORDINATOR),
    "placements.run_allocation": has_role(Role.CAREER_COUNSELLOR, Role.AUTHORITY_COORDINATOR),
    "placements.review_run": has_role(Role.CAREER_COUNSELLOR, Role.AUTHORITY_COORDINATOR),
    "placements.publish_run": has_role(Role.CAREER_COUNSELLOR, Role.AUTHORITY_COORDINATOR),
    "placements.place_learner": has_role(Role.CAREER_COUNSELLOR, Role.PRAO_TEACHER, Role.AUTHORITY_COORDINATOR),
    "placements.manage_quotas": has_role(Role.REGIONAL_COORDINATOR),
    "placements.view_quotas": has_role(Role.REGIONAL_COORDINATOR, Role.EMPLOYER_ADMINISTRATOR),
    "placements.set_travel": has_role(Role.REGIONAL_COORDINATOR),
    "placements.view_placements": has_role(*SCHOOL_STAFF, Role.AUTHORITY_COORDINATOR),
}
