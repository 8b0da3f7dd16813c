"""Is it alive, and is it ready: two pages for machines, open to all and telling nothing else."""

from collections.abc import Callable

from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from core.tenancy.middleware import outside_tenancy


@outside_tenancy
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@outside_tenancy
@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    checks = {name: _passes(check) for name, check in CHECKS.items()}
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, RedisError):
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _cache() -> bool:
    cache.set("readyz", 1, timeout=5)
    return cache.get("readyz") == 1


def _migrations() -> bool:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "cache": _cache, "migrations": _migrations}
