"""`manage.py load_region FOLDER --region sjuharad`: a region of real schools, workplaces and numbers."""

from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.weeks import today
from dashboards.demo.load import Loaded, RegionLoader
from dashboards.demo.people import sign_in_text
from dashboards.demo.registers import RegisterError, read_registers

HEAD = ("Kommun", "Elever enligt registret", "Elever", "Skolor", "Klasser", "Arbetsplatser", "Platser per vecka")


class Command(BaseCommand):
    """Build a region of public registers, all of it or nothing."""

    help = "Bygg en region av offentliga register: riktiga skolor, arbetsplatser och elevtal, påhittade personer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="mappen med registerfilerna (csv)")
        parser.add_argument("--region", default="sjuharad", help="samverkan_id i samverkansregioner.csv")
        parser.add_argument("--year", type=int, choices=(8, 9), default=8, help="årskursen vars elevtal läses")

    def handle(self, *_args: Any, **options: Any) -> None:
        started = perf_counter()
        self.stdout.write(f"Läser registren i {options['folder']} …")
        try:
            found = read_registers(options["folder"], options["region"], options["year"])
            if Organisation.objects.filter(kind=OrganisationKind.REGION, name=found.name).exists():
                raise CommandError(
                    f"{found.name} är redan inläst i databasen. Inget har ändrats. Börja om med en tom databas."
                )
            loaded = RegionLoader(found, grade=options["year"], today=today(), say=self.stdout.write).load()
        except RegisterError as error:
            raise CommandError(f"{error} Inget har ändrats.") from error
        self._table(loaded, found.year)
        self._sign_ins(loaded)
        self.stdout.write(f"Klart på {perf_counter() - started:.1f} s.")

    def _table(self, loaded: Loaded, year: str) -> None:
        rows = sorted(loaded.lines)
        total = ("Summa", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))
        self.stdout.write(f"\nElevtal från läsåret {year}\n")
        for name, *numbers in (HEAD, *rows, total):
            widths = map(len, HEAD[1:])
            cells = "  ".join(str(cell).rjust(width) for cell, width in zip(numbers, widths, strict=True))
            self.stdout.write(f"{name:<14}  {cells}")
        self.stdout.write("\nOmgångar, stängda och redo att fördelas")
        for owner, classes, learners in loaded.rounds:
            word = "klass" if classes == 1 else "klasser"
            self.stdout.write(f"  {owner}: {classes} {word}, {learners} elever")
        self.stdout.write("")

    def _sign_ins(self, loaded: Loaded) -> None:
        if not loaded.sign_ins:
            self.stdout.write(
                "Inga inloggningar gjordes, eftersom BRYGGAN_DEMO inte är satt. Bjud in den som ska börja."
            )
            return
        text = sign_in_text(loaded.sign_ins)
        folder = Path(settings.VAR_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "signins-load.txt").write_text(text, encoding="utf-8")
        self.stdout.write(text)
