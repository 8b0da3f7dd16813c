"""Seats are counted up and down on the same rows: with half of each page free, no index has to follow them."""

from django.db import migrations

TABLES = ("employers_slotweek", "employers_workplaceweek", "employers_slotquota")


class Migration(migrations.Migration):
    dependencies = [("employers", "0002_add_slot_quota")]
    operations = [
        migrations.RunSQL(f"ALTER TABLE {table} SET (fillfactor = 50)", f"ALTER TABLE {table} RESET (fillfactor)")
        for table in TABLES
    ]
