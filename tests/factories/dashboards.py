"""Season forecasts."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Organisation
from core.weeks import monday, school_year, today
from dashboards.models import SeasonForecast


def expected_numbers(name: str, *, seats: int, first: Any, other: Any, unplaced: Any, demand: Any) -> dict[str, Any]:
    return {"name": name, "seats": seats, "first": first, "other": other, "unplaced": unplaced, "demand": demand}


def make_result(week_on: date | None = None) -> dict[str, Any]:
    """Eighty learners of Borås one week: twelve remain without a place."""
    week = (week_on or monday(today() + timedelta(weeks=8))).isoformat()
    whole = {"seats": 68, "first": 50, "other": 18, "unplaced": 12, "demand": 80}
    return {
        "learners": 80,
        "placed_already": 20,
        "periods": 4,
        "first": 50,
        "other": 18,
        "unplaced": 12,
        "draws": 5,
        "wishes": 6,
        "lists": 240,
        "halved_by": 15,
        "weeks": [expected_numbers(week, **whole)],
        "fields": [
            expected_numbers("nature", seats=8, first=8, other=10, unplaced="hidden", demand=27),
            expected_numbers("social", seats=60, first=42, other=8, unplaced="small", demand=53),
        ],
        "places": [expected_numbers("1490", **whole)],
        "cells": [
            {"week": week, "field": "nature", "place": "1490", "seats": 8, "demand": 27, "first": 8, "unplaced": 9},
            {
                "week": week,
                "field": "social",
                "place": "1490",
                "seats": 60,
                "demand": 53,
                "first": 42,
                "unplaced": "small",
            },
        ],
        "helps": [{"weeks": [week], "field": "nature", "place": "1490", "places": 5}],
    }


def make_forecast(region: Organisation, **fields: Any) -> SeasonForecast:
    values: dict[str, Any] = {
        "school_year": school_year(today()),
        "seed": "5eed",
        "status": "done",
        "source": "last_year",
        "stage": "done",
        "progress": 100,
        "result": make_result(),
        "finished_at": timezone.now(),
    }
    return SeasonForecast.objects.create(region=region, **{**values, **fields})
