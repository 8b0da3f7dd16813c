"""Write the policies of the large tables anew: a parent is looked up by its key, whatever the statistics say."""

from django.db import migrations

import core.tenancy.policies


def rewritten(model: str, name: str, **policy: object) -> list[migrations.operations.base.Operation]:
    """Take the policy away and put the same one up, in the words of today."""
    return [
        migrations.RemoveConstraint(model_name=model, name=name),
        migrations.AddConstraint(
            model_name=model, constraint=core.tenancy.policies.RowPolicy(name=name, learner="learner_id", **policy)
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("placements", "0004_add_run_governance")]
    operations = [
        *rewritten(
            "assignment",
            "placements_assignment_rows",
            row_class="authority",
            parents=("authority", "run", "learner", "period", "slot", "moved_from"),
        ),
        *rewritten(
            "placement",
            "placements_placement_rows",
            row_class="shared",
            parents=("authority", "employer", "slot", "learner", "school_unit", "round", "period", "run"),
            writers=("authority",),
        ),
        *rewritten(
            "placementweek",
            "placements_placementweek_rows",
            row_class="shared",
            parents=("authority", "employer", "placement", "learner"),
            writers=("authority",),
        ),
    ]
