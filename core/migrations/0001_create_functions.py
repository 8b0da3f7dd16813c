"""Extensions, and the function behind every table's keep-trigger. Depends on nothing: every app's tables need it."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

REFUSE_CHANGE = """
create function core_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'an owner or fixed column of % cannot change', tg_table_name using errcode = 'insufficient_privilege';
end $$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(REFUSE_CHANGE, "drop function core_refuse_change()"),
    ]
