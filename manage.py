#!/usr/bin/env python3
"""Django's command line; on a bare machine it first makes the environment it needs (config/bootstrap.py)."""

import os
import sys

# These change or read the schema itself, so they sign in as the role that owns it.
MIGRATOR_COMMANDS = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "squashmigrations", "dbshell", "flush"}


def main() -> None:
    from config import bootstrap

    bootstrap.ensure(sys.argv)
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    if command in MIGRATOR_COMMANDS:
        os.environ.setdefault("BRYGGAN_DATABASE_ROLE", "migrator")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
