"""Policies read the scope once for a statement, and no longer once for a row."""

from django.db import migrations

from core.tenancy.operations import RewritePolicies


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_bind_people_to_region")]
    operations = [RewritePolicies()]
