"""`manage.py seed_demo`: fill an empty database with an invented region in the middle of a season."""

from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.weeks import today
from dashboards.demo.build import SIZES, DemoBuilder
from dashboards.demo.people import sign_in_text, write_sign_ins
from dashboards.demo.region import REGION_NAME


class Command(BaseCommand):
    """Build the demo region and write its sign-ins to var/signins.txt."""

    help = "Bygg den påhittade regionen Sjuhärad, mitt i en säsong, med inloggningar för varje roll."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--size", choices=sorted(SIZES), default="tenth", help="en tiondel (tenth) eller alla (full)"
        )
        parser.add_argument("--today", type=date.fromisoformat, help="dagen som säsongen ritas kring, ÅÅÅÅ-MM-DD")
        parser.add_argument("--force", action="store_true", help="bygg även där BRYGGAN_DEMO inte är satt")

    def handle(self, *_args: Any, **options: Any) -> None:
        day = options["today"] or today()
        self._refuse(day, force=options["force"])
        started = perf_counter()
        built = DemoBuilder(size=options["size"], today=day, say=self.stdout.write).build()
        file = write_sign_ins(built.sign_ins, Path(settings.VAR_DIR))
        width = max(map(len, built.counts))
        for word, count in built.counts.items():
            self.stdout.write(f"  {word.ljust(width)}  {count:>6}")
        self.stdout.write(f"Klart på {perf_counter() - started:.1f} s. Inloggningarna står i {file}.\n\n")
        self.stdout.write(sign_in_text(built.sign_ins))

    def _refuse(self, day: date, *, force: bool) -> None:
        if not (settings.BRYGGAN_DEMO or force):
            raise CommandError(
                "Demoregionen har öppna lösenord och byggs bara där BRYGGAN_DEMO=1. Starta med manage.py demo,"
                " eller lägg till --force om du vet att databasen är till för det."
            )
        if day > today():
            raise CommandError("Dagen ligger framåt i tiden. Välj i dag eller en tidigare dag.")
        if Organisation.objects.filter(kind=OrganisationKind.REGION, name=REGION_NAME).exists():
            raise CommandError(f"Regionen {REGION_NAME} finns redan i databasen. Börja om med manage.py demo --reset.")
