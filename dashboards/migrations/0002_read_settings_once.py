"""Policies read the scope once for a statement, and no longer once for a row."""

from django.db import migrations

from core.tenancy.operations import RewritePolicies


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0001_create_season_forecast")]
    operations = [RewritePolicies()]
