"""The web server's entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

application = get_wsgi_application()

# What is loaded now stays for good. Left where it was it would be gone through whenever a page makes many objects: a
# tenth of a second each time, with every other page waiting.
gc.collect()
gc.freeze()
