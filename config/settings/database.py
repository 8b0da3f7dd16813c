"""PostgreSQL by two roles (app and migrator) and the cache in Redis or Valkey."""

from config import env

# Web, workers and tests are `app`, which owns nothing and bypasses nothing; manage.py runs schema
# commands as `migrator`.
_role = env.text("BRYGGAN_DATABASE_ROLE", "app")
_pool_size = env.integer("DATABASE_POOL_SIZE", 0)

BRYGGAN_APP_DATABASE = env.database("DATABASE_URL")
BRYGGAN_MIGRATOR_DATABASE = env.database("MIGRATE_DATABASE_URL", env.text("DATABASE_URL"))

DATABASES = {
    "default": {
        **(BRYGGAN_MIGRATOR_DATABASE if _role == "migrator" else BRYGGAN_APP_DATABASE),
        "ATOMIC_REQUESTS": True,
        # A pooled connection may have died with the server: ask before use.
        "CONN_HEALTH_CHECKS": True,
    },
}
_options = DATABASES["default"]["OPTIONS"] = dict(DATABASES["default"]["OPTIONS"])
if _role == "migrator":
    # A migration that waits for a lock makes every later query wait behind it: give up instead.
    _options["options"] = "-c lock_timeout=10s"
elif _pool_size:
    _options["pool"] = {"min_size": 1, "max_size": _pool_size, "timeout": 10}

REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "bryggan",
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
