#!/bin/sh
# Makes .venv and installs the project into it:  make_venv.sh [EXTRA]
# Quick when nothing is to do: it compares what is built, and its own place, with what a stamp says.
set -eu
cd "$(dirname "$0")/.."

extra=${1:-}
place="$(pwd -P)"
stamp="$place $(cat pyproject.toml setup.py cmdb/impact/engine/*.p[yx][xd] | cksum)"

done_before() { # done_before STAMP_NAME: was that installed here from this pyproject.toml?
    [ "$(cat ".venv/stamp-$1" 2>/dev/null)" = "$stamp" ]
}

works=no
if .venv/bin/python -c 'import pip' >/dev/null 2>&1; then works=yes; fi
if [ "$works" = yes ]; then
    if done_before dev; then exit 0; fi
    if [ -z "$extra" ] && done_before base; then exit 0; fi
fi

# A folder that was moved or copied has scripts that start the Python of the old place.
case $(cat .venv/stamp-* 2>/dev/null) in
    "" | "$place "*) ;;
    *) works=no ;;
esac

if [ "$works" = no ]; then
    python=$(sh scripts/find_python.sh)
    echo "--- making .venv with $python"
    "$python" -m venv --clear .venv
fi

echo "--- installing the project${extra:+ with its \"$extra\" extra} into .venv (needs the network)"
rm -f .venv/stamp-*
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --prefer-binary --use-pep517 --editable ".${extra:+[$extra]}" </dev/null
printf '%s\n' "$stamp" >".venv/stamp-${extra:-base}"
