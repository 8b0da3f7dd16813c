"""Who runs PostgreSQL: ourselves, or an unprivileged account when we are root (PostgreSQL refuses root)."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.servers.errors import StartError


@dataclass(frozen=True)
class Account:
    """A user and group to start a process as; `None` means as ourselves."""

    uid: int | None = None
    gid: int | None = None

    @property
    def popen_options(self) -> dict[str, Any]:
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_run(self, path: Path) -> bool:
        """Whether the account reaches `path` through every folder above it; /root is the usual stop."""
        if self.uid is None:
            return os.access(path, os.X_OK)
        command = ["/bin/sh", "-c", 'test -x "$0"', str(path)]
        return subprocess.run(command, cwd="/", check=False, **self.popen_options).returncode == 0

    def give(self, target: Path | int) -> None:
        """Hand a path or an open file to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(target, self.uid, self.gid)


def server_account() -> Account:
    """Return the account for PostgreSQL. StartError if we are root and there is no unprivileged account."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StartError("PostgreSQL refuses to run as root, and the accounts 'postgres' and 'nobody' are missing.")
