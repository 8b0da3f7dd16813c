"""Workers that die in the middle of their work."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def killed_at(module: Any, step: str) -> Iterator[None]:
    """Let whoever calls `module.step` in the block die there."""

    def stop(*_args: Any, **_more: Any) -> None:
        raise SystemExit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, step, stop)
        yield
