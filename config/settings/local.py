"""One machine: the demo, and every manage.py command beside it. Borrows the running demo's servers."""

from pathlib import Path

from config import env

_run = Path(__file__).resolve().parents[2] / "var" / "run"
env.borrow(_run / "environment.json")
# Nothing listens here: a command that needs no database works, one that does is told to start the demo.
env.default("DATABASE_URL", f"postgresql:///bryggan?host={_run}")
env.default("REDIS_URL", f"unix://{_run}/valkey.sock?db=0")

from config.settings.base import *  # noqa: E402 -- the environment must be complete first

SECRET_KEY = env.text("SECRET_KEY", "only-for-this-machine-and-never-for-real-data")
DEBUG = env.boolean("BRYGGAN_DEBUG", default=False)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

# Files are served from where they lie, so that a changed stylesheet shows at once.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
if DEBUG:
    # Without the cache round them, changed templates show at once too.
    TEMPLATES[0] |= {"APP_DIRS": False}
    _plain = [f"django.template.loaders.{kind}.Loader" for kind in ("filesystem", "app_directories")]
    TEMPLATES[0]["OPTIONS"]["loaders"] = [("template_partials.loader.Loader", _plain)]
