"""Migration operations of the wall."""

from typing import Any

from django.db.migrations.operations.base import Operation

from core.tenancy.policies import row_policy


class RewritePolicies(Operation):
    """Write the policies of all the app's tables anew, in the words that `RowPolicy` has today.

    The state of migrations knows a policy by its arguments and not by its SQL: whoever changes the words of
    `RowPolicy` adds a migration of this one operation to each app, for the databases that stand already.
    """

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state holds arguments only, and those are as they were."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Take each table's policies away and put them up again."""
        for model in to_state.apps.get_app_config(app_label).get_models():
            policy = row_policy(model)
            if policy is not None:
                schema_editor.execute(policy.remove_sql(model, schema_editor))
                schema_editor.execute(policy.create_sql(model, schema_editor))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """There is no older wording to go back to."""

    def describe(self) -> str:
        """Tell what is done, as `migrate --plan` shows it."""
        return "Write the row policies anew"
