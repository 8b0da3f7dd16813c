"""Loads the Celery app with Django, so that `shared_task` and `.delay` bind to it everywhere."""

from importlib import import_module

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """The project as an app: it has no models."""

    name = "config"

    def ready(self) -> None:
        import_module("config.celery")
