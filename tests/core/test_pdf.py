"""PDF: our own files only, whatever a template asks for."""

import pytest

from core.pdf import _static_path


def test_static_path_finds_our_own_files() -> None:
    assert _static_path("https://static.invalid/static/css/print/document.css").name == "document.css"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.se/logo.png",
        "file:///etc/hostname",
        "https://static.invalid/manage.py",
        "https://static.invalid/static/../manage.py",
        "https://static.invalid/static/css/missing.css",
    ],
)
def test_static_path_refuses_everything_else(url: str) -> None:
    with pytest.raises(ValueError, match="static file"):
        _static_path(url)
