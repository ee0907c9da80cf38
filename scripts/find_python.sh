#!/bin/sh
# Prints the first Python that can make the project's virtual environment: $PYTHON, or else the
# newest of those on PATH. Ends with 2, and one line that says what is missing, if there is none.
set -eu

too_old='import sys; sys.exit(sys.version_info < (3, 11))'
without_venv=

if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
else
    set -- python3.14 python3.13 python3.12 python3.11 python3
fi
for python in "$@"; do
    "$python" -c "$too_old" >/dev/null 2>&1 </dev/null || continue
    if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 </dev/null; then
        echo "$python"
        exit 0
    fi
    without_venv=${without_venv:-$python}
done

if [ -n "$without_venv" ]; then
    echo "missing: the venv and ensurepip modules of $without_venv" \
        "(on Debian and Ubuntu: apt-get install python3-venv)" >&2
elif [ -n "${PYTHON:-}" ]; then
    echo "missing: Python 3.11 or newer (PYTHON=$PYTHON is not that)" >&2
else
    echo "missing: Python 3.11 or newer" \
        "(none is on PATH; to name one: make PYTHON=/path/to/python)" >&2
fi
exit 2
