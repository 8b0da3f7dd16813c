#!/usr/bin/env python3
"""Django's command line; on a bare machine it first makes the environment it needs (config/bootstrap.py)."""

import os
import sys
from pathlib import Path

from config import bootstrap

# These change or read the schema itself, so they sign in as the role that owns it.
MIGRATOR_COMMANDS = {
    "migrate",
    "makemigrations",
    "showmigrations",
    "sqlmigrate",
    "squashmigrations",
    "dbshell",
    "flush",
}


def main() -> None:
    """Make the environment if need be, then do as any Django project does."""
    bootstrap.ensure(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    if len(sys.argv) > 1 and sys.argv[1] in MIGRATOR_COMMANDS:
        os.environ.setdefault("BRYGGAN_DATABASE_ROLE", "migrator")

    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError:
        if not _database_is_gone():
            raise
        sys.exit("No database is running: start `python3 manage.py demo` beside this, or set DATABASE_URL.")


def _database_is_gone() -> bool:
    """Whether the demo's own server was meant and its socket is not there."""
    from django.conf import settings

    host = str(settings.DATABASES["default"]["HOST"])
    return host.startswith("/") and not any(Path(host).glob(".s.PGSQL.*"))


if __name__ == "__main__":
    main()
