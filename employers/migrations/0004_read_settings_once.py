"""Policies read the scope once for a statement, and no longer once for a row."""

from django.db import migrations

from core.tenancy.operations import RewritePolicies


class Migration(migrations.Migration):
    dependencies = [("employers", "0003_leave_room_for_taken")]
    operations = [RewritePolicies()]
