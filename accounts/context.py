"""What the frame round every page shows (templates/work.html and its siblings)."""

from typing import Any

from django.http import HttpRequest

from core.ui import Frame


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give templates the frame."""
    return {"frame": Frame()}
