"""Builds the compiled engine; everything else about the project is in pyproject.toml.

Without a C compiler on the machine the one in the `ziglang` package is used.
"""

import os
import shutil
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

ENGINE = Path("cmdb/impact/engine")
CHECKED = bool(os.environ.get("CMDB_CHECKED_ENGINE"))
"""Build with checks of every array access, to hunt faults; slow."""

if not (os.environ.get("CC") or shutil.which("cc")):
    zig = f"{sys.executable} -m ziglang cc"
    os.environ.update(CC=zig, LDSHARED=f"{zig} -shared")

setup(
    ext_modules=cythonize(
        [
            Extension(
                ".".join(source.with_suffix("").parts),
                [str(source)],
                extra_compile_args=["-O3", "-fno-math-errno"],
            )
            for source in sorted(ENGINE.glob("*.pyx"))
        ],
        build_dir="build",
        nthreads=os.cpu_count() or 1,
        compiler_directives={
            "language_level": 3,
            "boundscheck": CHECKED,
            "wraparound": False,
            "initializedcheck": CHECKED,
            "cdivision": True,
            "embedsignature": True,
        },
    ),
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
