from django.db import migrations

COLUMNS = "ALTER TABLE placements_runfile ALTER problem SET STORAGE {0}, ALTER result SET STORAGE {0}"


class Migration(migrations.Migration):
    """The files are packed already: Postgres need not try to compress them again."""

    dependencies = [("placements", "0005_find_parents_by_key")]

    operations = [migrations.RunSQL(COLUMNS.format("EXTERNAL"), COLUMNS.format("EXTENDED"))]
