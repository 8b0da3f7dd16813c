"""Row policies: who may see and change a row, declared once in the model's Meta and carried by its migration.

Four row classes (docs/decisions/0002-the-wall.md):

* regional: every member in the region reads; the parties named in `writers` write;
* authority: members of that authority only, narrowed to the learner's own rows when a learner asks;
* shared: the authority and the one employer it concerns;
* employer: members of that employer, and the region's coordinators, who hold the relation.

Foreign keys ignore row-level security, so a row may only point at parents (`parents`) which its writer can see and
which have the same owners. Owners never change (a trigger says so), nor do the parents of a shared row.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.constraints import BaseConstraint

OWNERS = ("region", "authority", "employer")
COMMANDS = ("select", "insert", "update", "delete")


# All are whole sub-selects: PostgreSQL works out such a one once for a statement, and what stands outside it once for
# every row. With the cast outside, counting a country's learners took four times as long; with IS NULL outside, it was
# planned for one row in a hundred.


def setting(name: str) -> str:
    """SQL for one id of the scope; NULL when unset (after a commit the setting reads '')."""
    return f"(select nullif(current_setting('app.{name}', true), '')::uuid)"


def unset(name: str) -> str:
    """SQL for "the scope has no such id"."""
    return f"(select nullif(current_setting('app.{name}', true), '') is null)"


def party(*names: str) -> str:
    """SQL for "the scope is one of these parties"."""
    listed = ", ".join(f"'{name}'" for name in names)
    return f"(select current_setting('app.party', true) in ({listed}))"


class RowPolicy(BaseConstraint):
    """The row class of a table, as Postgres policies. Build with `regional`, `authority`, `shared` or `employer`."""

    def __init__(
        self,
        *,
        row_class: str,
        name: str,
        parents: Sequence[str] = (),
        writers: Sequence[str] = (),
        updaters: Sequence[str] = (),
        owner_only: Sequence[str] = (),
        learner: str = "",
        learner_writes: bool = False,
        owners: dict[str, str] | None = None,
    ) -> None:
        super().__init__(name=name)
        self.row_class = row_class
        self.parents = tuple(parents)
        self.writers = tuple(writers)
        self.updaters = tuple(updaters)
        self.owner_only = tuple(owner_only)
        self.learner = learner
        self.learner_writes = learner_writes
        self.owners = dict(owners or {})

    @classmethod
    def regional(
        cls,
        name: str,
        *,
        writers: Sequence[str],
        parents: Sequence[str] = (),
        updaters: Sequence[str] = (),
        owner_only: Sequence[str] = (),
        owners: dict[str, str] | None = None,
    ) -> "RowPolicy":
        """Read by the region. `updaters` may also change rows, but not the columns in `owner_only`."""
        return cls(
            row_class="regional",
            name=name,
            writers=writers,
            parents=parents,
            updaters=updaters,
            owner_only=owner_only,
            owners=owners,
        )

    @classmethod
    def authority(
        cls, name: str, *, parents: Sequence[str] = (), learner: str = "", learner_writes: bool = False
    ) -> "RowPolicy":
        """Read and written by one authority. `learner` names the column holding the learner's id."""
        return cls(row_class="authority", name=name, parents=parents, learner=learner, learner_writes=learner_writes)

    @classmethod
    def shared(
        cls, name: str, *, parents: Sequence[str] = (), writers: Sequence[str] = ("authority",), learner: str = ""
    ) -> "RowPolicy":
        """Read and updated by an authority and one employer; inserted by `writers`; deleted by the authority.

        Either owner may be empty (a journal row about a regional thing): the region's coordinators then stand in
        for the authority.
        """
        return cls(row_class="shared", name=name, parents=parents, writers=writers, learner=learner)

    @classmethod
    def employer(cls, name: str, *, parents: Sequence[str] = ()) -> "RowPolicy":
        """Read and written by one employer and the region's coordinators."""
        return cls(row_class="employer", name=name, parents=parents)

    # -- what Django asks of a constraint

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Give the arguments that differ from the defaults, for the migration."""
        _path, _args, kwargs = super().deconstruct()
        kwargs["row_class"] = self.row_class
        for key in ("parents", "writers", "updaters", "owner_only", "learner", "learner_writes", "owners"):
            if getattr(self, key):
                kwargs[key] = getattr(self, key)
        return "core.tenancy.policies.RowPolicy", (), kwargs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowPolicy) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)

    def validate(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing to validate in Python: Postgres judges."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        """Within CREATE TABLE: put the policies off until every parent table stands."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model: Any, _schema_editor: Any) -> str:
        """SQL that closes the table and opens it to its parties."""
        table = model._meta.db_table
        statements = [f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY']
        for command in COMMANDS:
            using, check = self.expressions(model, command)
            clauses = (f" USING ({using})" if using else "") + (f" WITH CHECK ({check})" if check else "")
            statements.append(f'CREATE POLICY "{table}_{command}" ON "{table}" FOR {command.upper()}{clauses}')
        statements.append(self._keep_trigger(model))
        return "; ".join(statements)

    def remove_sql(self, model: Any, _schema_editor: Any) -> str:
        """SQL that takes the policies away and leaves the table closed to all but its owner."""
        table = model._meta.db_table
        drops = [f'DROP POLICY IF EXISTS "{table}_{command}" ON "{table}"' for command in COMMANDS]
        return "; ".join([*drops, f'DROP TRIGGER IF EXISTS "{table}_keep" ON "{table}"'])

    # -- the rules

    def expressions(self, model: type[models.Model], command: str) -> tuple[str, str]:
        """Return the USING and WITH CHECK expressions of one command ('' where the command has none)."""
        system = f"{party('system')} AND ({unset('region')} OR {self._is(model, 'region')})"
        who = self._who(model, command)
        using = f"({system}) OR ({self._is(model, 'region')} AND ({who}))"
        check = f"({system}) OR ({self._is(model, 'region')} AND ({who}){self._parents_sql(model, command)})"
        return (
            "" if command == "insert" else using,
            check if command in ("insert", "update") else "",
        )

    def _who(self, model: type[models.Model], command: str) -> str:
        if self.row_class == "regional":
            return self._who_regional(model, command)
        if self.row_class == "authority":
            return self._authority_side(model, command)
        if self.row_class == "shared":
            return self._who_shared(model, command)
        return f"{self._is(model, 'employer')} OR {party('region')}"

    def _who_regional(self, model: type[models.Model], command: str) -> str:
        if command == "select":
            return "true"
        names = (*self.writers, *self.updaters) if command == "update" else self.writers
        sides = (
            self._organisation_sides(model)
            if "organisation" in self.owners
            else {
                "region": party("region"),
                "employer": self._is(model, "employer") if self._column(model, "employer") else party("employer"),
                "authority": f"{party('authority')}"
                + (f" AND {self._is(model, 'authority')}" if self._column(model, "authority") else ""),
            }
        )
        return " OR ".join(f"({sides[name]})" for name in names)

    def _organisation_sides(self, model: type[models.Model]) -> dict[str, str]:
        """Sides of a row that belongs to one node of the tree: the node itself, its authority, or its region."""
        tree = apps.get_model(settings.TENANCY_ROOT_MODEL)._meta.db_table
        ours = self._qualified(model, "organisation")
        unit = (
            f'EXISTS (SELECT 1 FROM "{tree}" unit WHERE unit.id = {ours} AND unit.parent_id = {setting("authority")})'  # noqa: S608 -- names of our own tables
        )
        # The tree has no policy of its own, so a row could name a node of another region.
        node = f'EXISTS (SELECT 1 FROM "{tree}" node WHERE node.id = {ours} AND node.region_id = {setting("region")})'  # noqa: S608 -- names of our own tables
        return {
            "region": f"{party('region')} AND {node}",
            "employer": f"{ours} = {setting('employer')}",
            "authority": f"{party('authority')} AND ({ours} = {setting('authority')} OR {unit})",
        }

    def _authority_side(self, model: type[models.Model], command: str) -> str:
        """The authority's members; a learner only where `learner` says the row is their own."""
        nobody = unset("learner")
        if self.learner:
            own = f'"{model._meta.db_table}"."{self.learner}" = {setting("learner")}'
            narrowed = f"({nobody} OR {own})" if command == "select" or self.learner_writes else nobody
        else:
            narrowed = "true" if command == "select" and self.row_class == "authority" else nobody
        return f"{self._is(model, 'authority')} AND {narrowed}"

    def _who_shared(self, model: type[models.Model], command: str) -> str:
        authority = self._authority_side(model, command)
        stand_in = f"({self._qualified(model, 'authority')} IS NULL AND {party('region')})"
        sides = {"authority": authority, "employer": self._is(model, "employer"), "region": stand_in}
        named = {"insert": self.writers, "delete": ("authority",)}.get(command, ("authority", "employer", "region"))
        return " OR ".join(f"({sides[name]})" for name in named)

    def _parents_sql(self, model: type[models.Model], command: str) -> str:
        """Each parent must be visible to the writer and have the same owners. A shared row's parents are fixed."""
        if self.row_class == "shared" and command == "update":
            return ""
        return "".join(f" AND {self._parent_sql(model, name)}" for name in self.parents)

    def _parent_sql(self, model: type[models.Model], name: str) -> str:
        field: Any = model._meta.get_field(name)
        parent = field.related_model
        child = f'"{model._meta.db_table}"'
        same = [f'parent."{field.target_field.column}" = {child}."{field.column}"']
        for owner in OWNERS:
            theirs, ours = _owner_column(parent, owner), self._column(model, owner)
            if theirs and ours:
                # Kept from the indexes: the parent is found by its key alone. Where statistics lag behind a great many
                # new rows the planner could otherwise take an index on the region, and read all of it for each row.
                same.append(f'(parent."{theirs}" = {child}."{ours}") IS TRUE')
        exists = f'EXISTS (SELECT 1 FROM "{parent._meta.db_table}" parent WHERE {" AND ".join(same)})'  # noqa: S608 -- names of our own tables
        return f'({child}."{field.column}" IS NULL OR {exists})' if field.null else exists

    def _keep_trigger(self, model: type[models.Model]) -> str:
        """A trigger that refuses a change of owner, of a shared row's parent, or of an owner's own column."""
        table = model._meta.db_table
        kept = [column for owner in OWNERS if (column := self._column(model, owner))]
        if self.row_class == "shared":
            kept += [_column_of(model, name) for name in self.parents]
        changed = [f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in dict.fromkeys(kept)]
        guests = ", ".join(f"'{name}'" for name in self.updaters)
        changed += [
            f'(OLD."{column}" IS DISTINCT FROM NEW."{column}" AND current_setting(\'app.party\', true) IN ({guests}))'
            for column in self.owner_only
        ]
        return (
            f'CREATE TRIGGER "{table}_keep" BEFORE UPDATE ON "{table}" FOR EACH ROW'
            f" WHEN ({' OR '.join(changed)}) EXECUTE FUNCTION core_refuse_change()"
        )

    # -- owner columns

    def _column(self, model: type[models.Model], owner: str) -> str:
        """Return the column that holds this owner's id, or ''. An owner's own row is its own key (`owners`)."""
        return self.owners.get(owner) or _owner_column(model, owner)

    def _qualified(self, model: type[models.Model], owner: str) -> str:
        return f'"{model._meta.db_table}"."{self._column(model, owner)}"'

    def _is(self, model: type[models.Model], owner: str) -> str:
        return f"{self._qualified(model, owner)} = {setting(owner)}"


def _column_of(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).column)


def _owner_column(model: Any, owner: str) -> str:
    """Return the column of the foreign key named after the owner, or ''."""
    return f"{owner}_id" if any(field.name == owner for field in model._meta.local_fields) else ""


def row_policy(model: Any) -> RowPolicy | None:
    """Return the model's RowPolicy, or None."""
    return next((found for found in model._meta.constraints if isinstance(found, RowPolicy)), None)


def tenant_parents(model: type[models.Model]) -> Iterable[str]:
    """Names of the foreign keys that point at tenant tables."""
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey) and row_policy(field.related_model):
            yield field.name
