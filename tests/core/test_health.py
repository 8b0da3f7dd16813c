"""The two pages for machines."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client


def test_healthz_needs_no_database(client: Client) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_tells_what_is_ready(client: Client) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"database": True, "cache": True, "migrations": True}


@pytest.mark.django_db
def test_readyz_refuses_without_the_cache(client: Client, settings: Any, tmp_path: Path) -> None:
    dead = settings.CACHES["default"] | {"LOCATION": f"unix://{tmp_path}/nobody.sock"}
    settings.CACHES = {"default": dead}

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"database": True, "cache": False, "migrations": True}
