"""What filling tables within one transaction asks of Postgres."""

from django.db import connection


def plan_without_statistics() -> None:
    """Keep Postgres from nested loops in this transaction: it believes that the tables we fill are still empty."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
