"""Who may look at supply against demand, and ahead."""

from accounts.enums import Role
from core.permissions import Predicate, has_role

PERMISSIONS: dict[str, Predicate] = {
    "dashboards.view_supply": has_role(Role.REGIONAL_COORDINATOR, Role.AUTHORITY_COORDINATOR),
    "dashboards.forecast_season": has_role(Role.REGIONAL_COORDINATOR),
    "dashboards.view_outcome": has_role(Role.REGIONAL_COORDINATOR, Role.AUTHORITY_COORDINATOR),
}
