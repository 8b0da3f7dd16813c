"""Where the measuring happens: a scratch database, and servers of our own when none are running."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from celery import current_app
from django.conf import settings
from django.db import connection, connections
from django.test import override_settings

from core.servers import places, postgres, valkey
from core.servers.demo import start_postgres, start_valkey
from core.servers.errors import StartError
from core.servers.supervisor import Supervisor, raise_on_signals

SCRATCH: Final = "bryggan_benchmark"
Say = Callable[[str], None]


@contextmanager
def servers(say: Say) -> Iterator[None]:
    """The servers of the environment or, where the demo's are meant and it is not running, private ones.

    Raises:
        StartError: they do not start, or somebody else measures beside them.
    """
    host = Path(str(connection.settings_dict["HOST"]))
    if not host.is_absolute() or any(host.glob(".s.PGSQL.*")):
        yield
        return
    raise_on_signals()
    var = Path(settings.VAR_DIR) / "benchmark"
    lock = places.lock(var)
    if lock is None:
        raise StartError("Another benchmark is running here: wait for it to end.")
    here = places.prepare(var)
    supervisor = Supervisor(here.logs, say)
    try:
        start_postgres(supervisor, here)
        start_valkey(supervisor, here)
        with _pointed_at(here):
            yield
    finally:
        supervisor.stop()
        lock.close()


@contextmanager
def _pointed_at(here: places.Places) -> Iterator[None]:
    address = {"HOST": str(here.sockets), "PORT": str(postgres.PORT), "NAME": postgres.DATABASE}
    app, migrator = (address | {"USER": role, "PASSWORD": here.secrets[role]} for role in ("app", "migrator"))
    cache = {"default": {**settings.CACHES["default"], "LOCATION": valkey.url(here)}}
    with override_settings(BRYGGAN_MIGRATOR_DATABASE=migrator, CACHES=cache), _changed(app):
        yield


@contextmanager
def scratch_database() -> Iterator[None]:
    """An empty database, migrated; made and dropped as the migrator, open to the app role in between."""
    earlier = str(connection.settings_dict["NAME"])
    with _named(SCRATCH):
        with as_migrator():
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            with as_migrator():
                connection.creation.destroy_test_db(earlier, verbosity=0)


@contextmanager
def as_migrator() -> Iterator[None]:
    """Sign in as the schema's owner for a while."""
    with _changed({name: settings.BRYGGAN_MIGRATOR_DATABASE[name] for name in ("USER", "PASSWORD")}):
        yield


def gather_statistics() -> None:
    """Let Postgres look at what was built, as it would have done by itself in a database that has grown slowly."""
    with as_migrator(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def quiet_surroundings() -> Iterator[None]:
    """Nothing leaves the process: tasks stay in it, mail goes to a folder that is removed, the cache has its own keys.

    A running demo's worker would otherwise be woken for runs that are not in its database.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="bryggan-mail-"))
        cache = {"default": {**settings.CACHES["default"], "KEY_PREFIX": SCRATCH}}
        stack.enter_context(
            override_settings(
                EMAIL_BACKEND="core.mail.FileBackend",
                EMAIL_FILE_PATH=folder,
                CACHES=cache,
                BRYGGAN_REQUIRE_MFA_ROLES=[],
            )
        )
        broker = current_app.conf.broker_url
        current_app.conf.broker_url = "memory://"
        stack.callback(setattr, current_app.conf, "broker_url", broker)
        yield


@contextmanager
def _named(name: str) -> Iterator[None]:
    test = connection.settings_dict["TEST"]
    before, test["NAME"] = test["NAME"], name
    try:
        yield
    finally:
        test["NAME"] = before


@contextmanager
def _changed(values: dict[str, str]) -> Iterator[None]:
    """Change how the default database is reached, in place: every thread shares the settings."""
    shared = connection.settings_dict
    before = {name: shared[name] for name in values}
    connections.close_all()
    shared.update(values)
    try:
        yield
    finally:
        connections.close_all()
        shared.update(before)
