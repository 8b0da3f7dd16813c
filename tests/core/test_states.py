"""Statuses move by the table, once, with history."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from core.errors import MoveRefused, StaleState
from core.models import StateChange
from core.states import move
from employers.enums import SlotStatus
from employers.models import Slot

ROOT = Path(__file__).resolve().parents[2]


def test_move_writes_the_row_and_its_history(slot, employer, as_org, actor_of) -> None:
    actor = actor_of(employer)
    with as_org(employer):
        move(slot, SlotStatus.PAUSED, actor=actor, reason="Semester")
        change = StateChange.objects.get()

        assert Slot.objects.get().status == SlotStatus.PAUSED
        assert (change.before, change.after, change.reason, change.actor_label) == (
            "published",
            "paused",
            "Semester",
            "Malin Ekdahl",
        )


def test_move_refuses_what_the_table_does_not_allow(slot, employer, as_org, actor_of) -> None:
    with as_org(employer), pytest.raises(MoveRefused) as refused:
        move(slot, SlotStatus.DRAFT, actor=actor_of(employer))
    assert str(refused.value) == "Det går inte att ändra från Publicerad till Utkast."


def test_move_refuses_a_row_that_somebody_else_moved(slot, employer, as_org, actor_of) -> None:
    with as_org(employer):
        Slot.objects.update(status=SlotStatus.PAUSED)
        with pytest.raises(StaleState):
            move(slot, SlotStatus.EXPIRED, actor=actor_of(employer))
        assert StateChange.objects.count() == 0


def test_only_services_and_the_states_module_set_a_status() -> None:
    offenders = [
        str(path.relative_to(ROOT))
        for app in settings.BRYGGAN_APPS
        for path in (ROOT / app).rglob("*.py")
        if "services" not in path.parts and "demo" not in path.parts and _sets_a_status(path)
    ]
    assert offenders == []


def _sets_a_status(path: Path) -> bool:
    return any(
        isinstance(target, ast.Attribute) and target.attr == "status"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        for target in node.targets
    )
