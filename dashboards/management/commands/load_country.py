"""`manage.py load_country --learners 252000`: a made-up country, to try an installation with."""

from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import Organisation
from dashboards.benchmark.country import SLUG, CountryBuilder
from dashboards.benchmark.database import as_migrator, gather_statistics
from dashboards.benchmark.market import make_instance, make_market
from dashboards.demo.people import PASSWORD


class Command(BaseCommand):
    """Write one authority with a closed round over all learners, ready to be allocated."""

    help = "Skriv ett påhittat land med en stängd omgång över alla elever, för att pröva en installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--learners", type=int, default=252_000, help="antal elever (252 000)")
        parser.add_argument("--scarcity", type=float, default=1.0, help="platser per elev (1,0)")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.BRYGGAN_DEMO:
            raise CommandError("Landet är påhittat och skrivs bara där BRYGGAN_DEMO är satt. Inget har ändrats.")
        if Organisation.objects.filter(slug=SLUG).exists():
            raise CommandError("Landet finns redan i databasen. Inget har ändrats. Börja om med en tom databas.")
        started = perf_counter()
        market = make_market(options["learners"], scarcity=options["scarcity"])
        wished = make_instance(market).wished
        with as_migrator(), transaction.atomic():
            CountryBuilder(market, wished).write(password=PASSWORD)
        gather_statistics()
        self.stdout.write(
            f"Skrev {options['learners']} elever på {perf_counter() - started:.0f} s. "
            f"Logga in som authority_coordinator@riket.example, lösenord {PASSWORD}."
        )
