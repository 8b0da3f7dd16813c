"""A region's coordinators give roles in their own region's organisations only: write the policies anew."""

from django.db import migrations

from core.tenancy.policies import RowPolicy

POLICIES = {"membership": "accounts_membership_rows", "invitation": "accounts_invitation_rows"}


def policy(name: str) -> RowPolicy:
    return RowPolicy.regional(
        name, writers=("region", "authority", "employer"), owners={"organisation": "organisation_id"}
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_name_logged_access")]

    operations = [
        operation
        for model, name in POLICIES.items()
        for operation in (
            migrations.RemoveConstraint(model_name=model, name=name),
            migrations.AddConstraint(model_name=model, constraint=policy(name)),
        )
    ]
