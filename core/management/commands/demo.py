"""`manage.py demo`: everything on one machine."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.servers import demo


class Command(BaseCommand):
    """Start PostgreSQL, Valkey, web, worker and clock with an invented region."""

    help = "Start everything on this machine with an invented region, and stay until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="throw the old data away first")
        parser.add_argument("--size", choices=["tenth", "full"], default="tenth", help="how much to build")
        parser.add_argument("--port", type=int, default=8000, help="the first port to try (default 8000)")

    def handle(self, *_args: Any, **options: Any) -> None:
        raise SystemExit(demo.run(reset=options["reset"], size=options["size"], port=options["port"]))
