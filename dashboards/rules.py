"""Who may look at supply against demand."""

from accounts.enums import Role
from core.permissions import Predicate, has_role

PERMISSIONS: dict[str, Predicate] = {
    "dashboards.view_supply": has_role(Role.REGIONAL_COORDINATOR, Role.AUTHORITY_COORDINATOR),
    "dashboards.view_outcome": has_role(Role.REGIONAL_COORDINATOR, Role.AUTHORITY_COORDINATOR),
}
