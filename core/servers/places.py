"""Where the servers keep their data, secrets and sockets on this machine."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.servers.account import Account, server_account
from core.servers.errors import StartError

SECRET_NAMES = ("owner", "migrator", "app", "valkey", "django")
# A Unix socket's address holds 107 bytes, the socket's own name included.
_LONGEST_SOCKET_FOLDER = 80


@dataclass(frozen=True)
class Places:
    """One set of servers: `var` is ours, `home` is where the database account can reach."""

    var: Path
    home: Path
    sockets: Path
    account: Account
    secrets: dict[str, str]

    @property
    def logs(self) -> Path:
        return self.var / "logs"

    @property
    def environment_file(self) -> Path:
        return self.var / "run" / "environment.json"

    def leave_environment(self, values: dict[str, str]) -> None:
        """Write down how to reach the servers, for manage.py commands beside them."""
        self.environment_file.parent.mkdir(exist_ok=True)
        self.environment_file.unlink(missing_ok=True)
        _write_private(self.environment_file, json.dumps(values))

    def forget_environment(self) -> None:
        self.environment_file.unlink(missing_ok=True)


def prepare(var: Path) -> Places:
    """Make the folders and secrets, or find those made before."""
    account = server_account()
    var.mkdir(parents=True, exist_ok=True)
    (var / "logs").mkdir(exist_ok=True)
    home = _home(var, account)
    sockets = home / "sockets"
    if len(str(sockets)) > _LONGEST_SOCKET_FOLDER:
        sockets = Path(tempfile.gettempdir()) / f"bryggan-{_digest(var)}"
    shutil.rmtree(sockets, ignore_errors=True)
    try:
        sockets.mkdir(mode=0o700)
    except FileExistsError:
        raise StartError(f"Another user owns {sockets}: remove it or move the project.") from None
    account.give(sockets)
    return Places(var, home, sockets, account, _secrets(var / "secrets.json"))


def reset(var: Path) -> None:
    """Throw away everything under `var` but the lock being held."""
    home = _home(var, server_account())
    if home != var:
        shutil.rmtree(home, ignore_errors=True)
    for child in var.iterdir() if var.exists() else ():
        if child.is_dir():
            # Test servers may be running beside the demo: they are not part of it.
            if not child.name.startswith("test"):
                shutil.rmtree(child, ignore_errors=True)
        elif child.name != "lock":
            child.unlink()


def lock(var: Path) -> IO[str] | None:
    """Hold `var` for as long as the returned file is open; None if somebody else holds it."""
    var.mkdir(parents=True, exist_ok=True)
    file = (var / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _home(var: Path, account: Account) -> Path:
    """`var` itself, unless the database account cannot get there."""
    var.mkdir(parents=True, exist_ok=True)
    if account.can_run(var):
        return var
    home = Path("/var/lib") / f"bryggan-{_digest(var)}"
    home.mkdir(mode=0o755, exist_ok=True)
    return home


def _secrets(path: Path) -> dict[str, str]:
    if not path.exists():
        _write_private(path, json.dumps({name: secrets.token_urlsafe(24) for name in SECRET_NAMES}))
    found: dict[str, str] = json.loads(path.read_text())
    return found


def _write_private(path: Path, content: str) -> None:
    """Write whole or not at all: a kill in the middle must not leave half a file of secrets."""
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    draft.rename(path)


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:10]
