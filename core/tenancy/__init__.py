"""The wall between tenants: who is asking, which rows Postgres lets them see, and the only bypass."""

from core.tenancy.scopes import NoScope, Party, Scope, SystemReason, current_scope, scope, system_scope

__all__ = ["NoScope", "Party", "Scope", "SystemReason", "current_scope", "scope", "system_scope"]
