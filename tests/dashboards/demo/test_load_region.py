"""A region of the public registers beside the project; skipped where they are missing."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings

from accounts.models import Organisation
from core.tenancy import Party, Scope, SystemReason, system_scope
from dashboards.demo.registers import COLUMNS
from employers.models import Slot, Workplace
from placements.models import AllocationRun, Assignment, Round
from placements.services.run_work import perform_run
from schools.models import Learner, SchoolUnit
from tests.public_data import FOLDER as DATA

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the register files are not at {DATA}; set BRYGGAN_TEST_DATA"
)


@pytest.fixture(scope="module")
def output(django_db_setup: None, django_db_blocker, tmp_path_factory) -> Iterator[str]:
    var, out = tmp_path_factory.mktemp("var"), StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(BRYGGAN_DEMO=True, VAR_DIR=var):
            call_command("load_region", str(DATA), region="sjuharad", stdout=out)
        with system_scope(SystemReason.SEED):
            yield out.getvalue()
        transaction.set_rollback(True)


@needs_data
def test_the_real_numbers_are_there(output: str):
    assert Learner.objects.count() == 2860
    assert SchoolUnit.objects.count() == 29
    assert Learner.objects.filter(school_unit__municipality_code="1490").count() == 1457
    assert Learner.objects.filter(school_unit__municipality_code="1466").count() == 111


@needs_data
def test_the_table_shows_what_was_made(output: str):
    total = next(line for line in output.splitlines() if line.startswith("Summa"))
    assert total.split()[1:4] == ["2860", "2860", "29"]


@needs_data
def test_real_workplaces_have_slots_and_none_sells_alcohol(output: str):
    assert Workplace.objects.count() == Slot.objects.values("workplace").distinct().count()
    assert Workplace.objects.filter(name="Algutstorps Förskola", municipality_code="1442").count() == 1
    assert Workplace.objects.filter(name__startswith="Systembolaget").count() == 0


@needs_data
@pytest.mark.slow
def test_every_round_can_be_allocated(output: str):
    """The largest authority's round: more than a thousand learners through the engine."""
    made = max(Round.objects.all(), key=lambda each: each.choice_lists.count())
    run = AllocationRun.objects.create(
        region_id=made.region_id, authority_id=made.authority_id, round=made, number=1, is_trial=False, seed=made.seed
    )
    authority = Scope(Party.AUTHORITY, region=made.region_id, authority=made.authority_id)
    assert perform_run(run_id=run.pk, in_scope=authority)
    run.refresh_from_db()
    assert (run.status, run.error) == ("draft", "")
    assert Assignment.objects.filter(run=run).count() == run.summary["learners"]
    assert run.summary["placed"] > 0.9 * run.summary["learners"]


@needs_data
def test_a_second_time_is_refused(output: str):
    before = Organisation.objects.count()
    with pytest.raises(CommandError, match="redan inläst"):
        call_command("load_region", str(DATA), region="sjuharad", stdout=StringIO())
    assert Organisation.objects.count() == before


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_a_missing_file_is_named(name: str, tmp_path: Path, db: None):
    write_files(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(CommandError, match=f"{name} saknas"):
        call_command("load_region", str(tmp_path), stdout=StringIO())
    assert Organisation.objects.count() == 0


def test_a_missing_column_is_named(tmp_path: Path, db: None):
    write_files(tmp_path)
    (tmp_path / "skolenheter_ak9.csv").write_text("skolenhetskod,namn\n1,A\n", encoding="utf-8")
    with pytest.raises(CommandError, match="saknar kolumnerna kommunkod, huvudman_typ"):
        call_command("load_region", str(tmp_path), stdout=StringIO())


def test_a_file_in_another_encoding_is_refused(tmp_path: Path, db: None):
    write_files(tmp_path)
    (tmp_path / "kommuner.csv").write_bytes("kommunkod,kommun\n1490,Borås".encode("latin-1"))
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("load_region", str(tmp_path), stdout=StringIO())


def test_an_unknown_region_is_refused_with_the_known_ones(tmp_path: Path, db: None):
    write_files(tmp_path)
    with pytest.raises(CommandError, match="Välj någon av: sjuharad"):
        call_command("load_region", str(tmp_path), region="norrland", stdout=StringIO())


def test_a_number_that_is_none_is_refused_with_its_school(tmp_path: Path, db: None):
    write_files(tmp_path, elever_ak9_2024_25="många")
    with pytest.raises(CommandError, match="elever_ak9_2024_25 är 'många' för Provskolan"):
        call_command("load_region", str(tmp_path), stdout=StringIO())
    assert Organisation.objects.count() == 0


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, db: None):
    with pytest.raises(CommandError, match="finns inte"):
        call_command("load_region", str(tmp_path / "borta"), stdout=StringIO())


def write_files(folder: Path, **wrong: str) -> None:
    """One municipality with one school, in files of the right form."""
    values = {
        "samverkan_id": "SJUHARAD",
        "samverkan": "Provregionen",
        "kommunkod": "1490",
        "kommun": "Borås",
        "kommun_namn_officiellt": "Borås kommun",
        "centralort": "Borås",
        "namn": "Provskolan",
        "huvudman_typ": "Kommunal",
        "huvudman": "Borås kommun",
        "skolenhetskod": "1",
        "lasar": "2024/25",
        "ak8": "40",
        "elever_ak9_2024_25": "40",
        "orgnr": "2120001561",
        **wrong,
    }
    for name, columns in COLUMNS.items():
        lines = [",".join(columns), ",".join(values.get(column, "") for column in columns)]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
