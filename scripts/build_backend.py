"""Build backend: setuptools, with a C compiler from PyPI where the machine has none."""

import os
import shutil
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403

# Asked before setup.py runs, which names a compiler itself.
COMPILER = [] if os.environ.get("CC") or shutil.which("cc") else ["ziglang"]


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """What building a wheel needs beside `build-system.requires`."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *COMPILER]


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    """What an editable installation needs beside `build-system.requires`."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *COMPILER]
