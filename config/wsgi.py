"""The web server's entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

application = get_wsgi_application()

# Every view and form is loaded now, not by the first who comes. What is loaded stays for good, so the garbage collector
# need not know of it: to go through it took a twentieth of a second each time a page had made many objects.
get_resolver().url_patterns  # noqa: B018 -- asked for what it does
gc.collect()
gc.freeze()
