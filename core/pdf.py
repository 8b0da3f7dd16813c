"""Tagged PDF (PDF/UA-1) from a template, with our own style sheets and fonts and nothing from the network."""

import logging
import mimetypes
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.template.loader import render_to_string

# It tells at INFO of every table of every font it cuts down.
logging.getLogger("fontTools").setLevel(logging.WARNING)

# A host that cannot exist: every address in a document must lead to one of our static files.
_BASE = "https://static.invalid/"


def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """Render a template of templates/pdf as a tagged PDF."""
    from weasyprint import HTML  # noqa: PLC0415 -- loads Pango: only processes that print pay for it
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415 -- as above

    class StaticFiles(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            path = _static_path(url)
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _content_type(path)})

    html = HTML(string=render_to_string(template, context), base_url=_BASE, url_fetcher=StaticFiles())
    return bytes(html.write_pdf(pdf_variant="pdf/ua-1"))


def pdf_response(content: bytes, filename: str) -> HttpResponse:
    """Return a PDF that opens in the browser, named for whoever saves it."""
    headers = {"Content-Disposition": f'inline; filename="{filename}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _static_path(url: str) -> Path:
    """Return the static file behind an address, as collected or as it lies in the source.

    Raises:
        ValueError: the address is not one of ours, or there is no such file.
    """
    prefix = urljoin(_BASE, settings.STATIC_URL)
    name = url.removeprefix(prefix).partition("?")[0]
    if name == url or ".." in name:
        raise ValueError(f"Not a static file: {url}")
    collected = Path(settings.STATIC_ROOT) / name
    path = collected if collected.is_file() else finders.find(name)
    if not path:
        raise ValueError(f"No static file called {name}")
    return Path(path)


def _content_type(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
