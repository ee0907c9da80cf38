#!/bin/sh
# Runs the engine's tests on a copy that is built with AddressSanitizer, which finds every access
# beyond an array; slow. Needs gcc.
set -eu
cd "$(dirname "$0")/.."

copy=build/sanitized
python="$(pwd -P)/.venv/bin/python"
rm -rf "$copy"
mkdir -p "$copy"
cp -R setup.py pyproject.toml cmdb discovery api tests "$copy"
cd "$copy"
rm -f cmdb/impact/engine/*.so

CFLAGS="-fsanitize=address -g -O1" LDFLAGS="-fsanitize=address" \
    "$python" setup.py --quiet build_ext --inplace >/dev/null

# Python's own allocator would hide what is beyond an array; what Python leaks is not ours.
LD_PRELOAD="$(gcc -print-file-name=libasan.so)" \
    PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 PYTHONPATH=. \
    "$python" -m pytest -q -p no:cacheprovider -p no:xdist \
    tests/unit/test_large_patches.py tests/unit/test_texts.py tests/unit/test_serialization.py \
    tests/unit/test_criticality.py tests/unit/test_cut_sets.py tests/unit/test_network.py \
    tests/unit/test_assumptions.py
