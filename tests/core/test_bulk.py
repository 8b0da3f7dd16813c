"""Rows written in bulk are the rows the ORM would have written, and the wall judges each of them."""

import json
from datetime import date
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from core.bulk import copy_rows, hex_ids, insert_large, many_rows
from core.outbox.models import OutboxMessage
from core.tenancy import NoScope
from placements.models import Assignment, RunFile
from tests.factories.published import Season, make_season


@pytest.fixture
def season(region: Any, weeks: list[date], seeding: Any) -> Season:
    with seeding():
        made = make_season(region, weeks)
        Assignment.objects.all().delete()
    return made


def owners(season: Season) -> dict[str, Any]:
    run = season.run
    return {
        "region_id": run.region_id,
        "authority_id": run.authority_id,
        "run_id": run.pk,
        "period_id": season.period.pk,
    }


def rows_of(season: Season, **columns: Any) -> dict[str, Any]:
    return {
        "learner_id": [learner.pk for learner in season.learners],
        "slot_id": [season.slots[0].pk, season.slots[1].pk, None],
        "rank": [1, 2, None],
        **columns,
    }


def test_rows_get_their_columns_their_defaults_and_keys(season: Season, as_org: Any) -> None:
    with as_org(season.school):
        assert copy_rows(Assignment, rows_of(season), same=owners(season)) == 3
        found = Assignment.objects.order_by("rank").values_list(
            "learner_id", "slot_id", "rank", "locked", "reason", "explanation", "moved_from_id"
        )
        assert list(found) == [
            (season.learners[0].pk, season.slots[0].pk, 1, False, "", [], None),
            (season.learners[1].pk, season.slots[1].pk, 2, False, "", [], None),
            (season.learners[2].pk, None, None, False, "", [], None),
        ]
        assert len(set(Assignment.objects.values_list("pk", flat=True))) == 3


@pytest.mark.parametrize("text", ["a\\b", "\\N", "tab\there", "two\nlines\r", "”räksmörgås” 'x'", "{}", ""])
def test_text_arrives_as_it_was(season: Season, as_org: Any, text: str) -> None:
    explained = [json.dumps([{"clause": text}], ensure_ascii=False)] * 3
    with as_org(season.school):
        copy_rows(Assignment, rows_of(season, explanation=explained, reason=["", text, "\\"]), same=owners(season))
        found = Assignment.objects.order_by("rank").values_list("explanation", "reason")
        assert list(found) == [([{"clause": text}], reason) for reason in ("", text, "\\")]


def test_ids_may_be_a_column_of_bytes_that_end_in_nothing(season: Season, as_org: Any) -> None:
    raw = [uuid4().bytes[:15] + b"\0" for _ in season.learners]
    column = np.array(raw, "S16")
    assert hex_ids(column) == [each.hex() for each in raw]
    with as_org(season.school):
        copy_rows(Assignment, rows_of(season, id=column, rank=np.array([3, 2, 1])), same=owners(season))
        found = Assignment.objects.order_by("-rank").values_list("pk", "rank")
        assert [(pk.bytes, rank) for pk, rank in found] == list(zip(raw, (3, 2, 1), strict=True))


def test_a_row_with_somebody_elses_parent_is_refused_and_none_is_written(
    season: Season, stranger_school: Any, region: Any, weeks: list[date], as_org: Any, seeding: Any
) -> None:
    with seeding():
        stranger = make_season(region, weeks).learners[0]
    forged = [season.learners[0].pk, season.learners[1].pk, stranger.pk]
    with as_org(season.school):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            copy_rows(Assignment, rows_of(season, learner_id=forged), same=owners(season))
        assert Assignment.objects.count() == 0


def test_another_partys_scope_writes_nothing(season: Season, stranger_school: Any, as_org: Any, seeding: Any) -> None:
    for other in (stranger_school, season.employers[0]):
        with (
            as_org(other),
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
        ):
            copy_rows(Assignment, rows_of(season), same=owners(season))
    with pytest.raises(NoScope):
        copy_rows(Assignment, rows_of(season), same=owners(season))
    with seeding():
        assert Assignment.objects.count() == 0


def test_constraints_judge_each_row_unless_conflicts_are_ignored(season: Season, as_org: Any) -> None:
    same = {"region_id": season.run.region_id, "authority_id": season.run.authority_id, "event": "x/y"}
    with as_org(season.school):
        assert copy_rows(OutboxMessage, {"key": ["a", "b"]}, same=same) == 2
        with pytest.raises(IntegrityError), transaction.atomic():
            copy_rows(OutboxMessage, {"key": ["b", "c"]}, same=same)
        assert copy_rows(OutboxMessage, {"key": ["b", "c"]}, same=same, ignore_conflicts=True) == 1
        found = OutboxMessage.objects.order_by("key").values_list("key", "status", "context")
        assert list(found) == [(key, "queued", {}) for key in "abc"]
        assert (
            OutboxMessage.objects.filter(due_at=None).count()
            == OutboxMessage.objects.filter(created_at=None).count()
            == 0
        )


def test_nothing_is_nothing_and_nonsense_is_refused(season: Season, as_org: Any) -> None:
    with as_org(season.school):
        assert copy_rows(Assignment, {"learner_id": []}) == 0
        with pytest.raises(ValueError, match="differ in length"):
            copy_rows(Assignment, {"learner_id": [1], "slot_id": [1, 2]})
        with pytest.raises(ValueError, match="has no column learner"):
            copy_rows(Assignment, {"learner": [1]})


def test_more_than_a_block(season: Season, as_org: Any) -> None:
    same = {"region_id": season.run.region_id, "authority_id": season.run.authority_id, "event": "x/y"}
    with as_org(season.school):
        assert copy_rows(OutboxMessage, {"key": [str(number) for number in range(10_001)]}, same=same) == 10_001
        assert OutboxMessage.objects.filter(key__in=["9999", "10000"]).count() == 2


def test_large_bytes_arrive_as_they_were_and_behind_the_wall(season: Season, stranger_school: Any, as_org: Any) -> None:
    content = bytes(range(256)) * 4000
    run = season.run
    row = {"region_id": run.region_id, "authority_id": run.authority_id, "run_id": run.pk, "problem": content}
    with as_org(season.school):
        insert_large(RunFile, **row, result=b"")
        found = RunFile.objects.get()
        assert (bytes(found.problem), bytes(found.result), found.run_id) == (content, b"", run.pk)
        found.delete()
    with (
        as_org(stranger_school),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        insert_large(RunFile, **row, result=b"")
    with pytest.raises(NoScope):
        insert_large(RunFile, **row, result=b"")


def test_settings_for_many_rows_end_with_the_block(db: None) -> None:
    def settings() -> tuple[str, str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('enable_nestloop'), current_setting('work_mem')")
            return cursor.fetchone()

    before = settings()
    with many_rows():
        assert settings() == ("off", "128MB")
    assert settings() == before
