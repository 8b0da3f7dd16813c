"""Where the public registers and lists lie that a few tests read; without them those tests are skipped."""

import os
from pathlib import Path

FOLDER = Path(os.environ.get("BRYGGAN_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
