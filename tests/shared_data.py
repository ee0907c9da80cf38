"""Data that is shared beside the repository and is too large, or not ours, to keep in it."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(os.environ.get("CMDB_SHARED_DATA") or ROOT.parent / "shared" / "data")


def shared_data(name: str) -> Path:
    """The path of a shared file; where it is absent the test is skipped, or fails in CI."""
    path = FOLDER / name
    if not path.exists():
        message = f"{path} is absent; set CMDB_SHARED_DATA to the folder of shared data"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path
