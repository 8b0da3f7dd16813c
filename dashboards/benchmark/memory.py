"""A process's resident memory at its peak, as the kernel counts it."""

import resource
from pathlib import Path


def reset_resident_peak(process: int | str = "self") -> None:
    """Let the kernel's high-water mark start from here, where it can."""
    try:
        Path(f"/proc/{process}/clear_refs").write_text("5")
    except OSError:
        return


def resident_peak(process: int | str = "self") -> int:
    """Return the process's most resident memory since the mark was reset, in bytes; else since the process began."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
