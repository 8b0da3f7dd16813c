"""The test database is made and emptied as migrator, and used as app: others see through the wall."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker


@contextmanager
def as_migrator() -> Iterator[None]:
    """Sign in as the schema's owner for a while. Changed in place: every thread shares the settings."""
    shared = connection.settings_dict
    before = {name: shared[name] for name in ("USER", "PASSWORD")}
    connections.close_all()
    shared.update({name: settings.BRYGGAN_MIGRATOR_DATABASE[name] for name in before})
    try:
        yield
    finally:
        connections.close_all()
        shared.update(before)


_fixture_teardown = TransactionTestCase._fixture_teardown


def _empty_as_migrator(case: TransactionTestCase) -> None:
    with as_migrator():
        _fixture_teardown(case)


def _refuse_a_privileged_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        found = cursor.fetchone()
    role = settings.BRYGGAN_APP_DATABASE["USER"]
    if found != (role, False, False):
        pytest.exit(f"Tests must run as {role}, no superuser and no bypassrls; this is {found}.", returncode=3)


class _TestDatabase:
    """Takes the place of pytest-django's fixture of the same name."""

    @pytest.fixture(scope="session")
    @classmethod
    @classmethod
    def django_db_setup(
        cls,
        request: pytest.FixtureRequest,
        django_test_environment: None,
        django_db_blocker: DjangoDbBlocker,
        django_db_keepdb: bool,
        django_db_createdb: bool,
        django_db_modify_db_settings: None,
    ) -> Iterator[None]:
        keep = django_db_keepdb and not django_db_createdb
        with django_db_blocker.unblock():
            with as_migrator():
                made = setup_databases(
                    verbosity=request.config.option.verbose,
                    interactive=False,
                    keepdb=keep,
                    # Serialising would read every tenant table without a scope.
                    serialized_aliases=set(),
                )
            _refuse_a_privileged_role()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TransactionTestCase, "_fixture_teardown", _empty_as_migrator)
            yield
        if not django_db_keepdb:
            with django_db_blocker.unblock(), as_migrator():
                teardown_databases(made, verbosity=request.config.option.verbose)


def pytest_configure(config: pytest.Config) -> None:
    # The plugin registered last wins, and pytest-django comes after those named with -p.
    config.pluginmanager.register(_TestDatabase(), "bryggan-test-database")
