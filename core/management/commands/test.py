"""`manage.py test`: pytest beside private servers; every argument is pytest's."""

from django.core.management.base import BaseCommand

from core.servers import testing


class Command(BaseCommand):
    """Run the tests."""

    help = "Run pytest beside a private PostgreSQL and Valkey. All arguments go to pytest."
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        raise SystemExit(testing.run(argv[2:]))
