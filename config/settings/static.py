"""Static files: our own, and the front-end packages as npm laid them out. No build step."""

from pathlib import Path

_root = Path(__file__).resolve().parents[2]
_packages = _root / "node_modules"

STATIC_URL = "static/"
STATIC_ROOT = _root / "staticfiles"
STATICFILES_DIRS = [
    _root / "static",
    ("npm/designsystemet", _packages / "@digdir/designsystemet-css/dist"),
    ("npm/designsystemet-web", _packages / "@digdir/designsystemet-web/dist/umd"),
    ("npm/inter", _packages / "@fontsource-variable/inter"),
    ("npm/schibsted-grotesk", _packages / "@fontsource-variable/schibsted-grotesk"),
]
# Icons are inlined as SVG, so they are read, not served.
BRYGGAN_ICON_DIR = _packages / "lucide-static/icons"
