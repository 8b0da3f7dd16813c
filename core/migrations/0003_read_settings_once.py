"""Policies read the scope once for a statement, and no longer once for a row."""

from django.db import migrations

from core.tenancy.operations import RewritePolicies


class Migration(migrations.Migration):
    dependencies = [("core", "0002_create_history_and_outbox")]
    operations = [RewritePolicies()]
