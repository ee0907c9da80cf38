#!/bin/sh
# The demonstration: an example estate in an embedded store, and three of its blast radii.
set -eu
cd "$(dirname "$0")/.."

CMDB_STORE="sqlite:///$(pwd -P)/build/demo.db"
export CMDB_STORE
mkdir -p build

.venv/bin/python examples/bank.py >build/bank.new.json
if [ -e build/demo.db ] && cmp -s build/bank.new.json build/bank.json; then
    echo "--- the example estate is in build/demo.db already"
    rm build/bank.new.json
else
    echo "--- importing the example estate into build/demo.db"
    rm -f build/bank.json build/demo.db build/demo.db-*
    .venv/bin/cmdb import build/bank.new.json
    mv build/bank.new.json build/bank.json # only now: a broken import is not "already" there
fi

.venv/bin/python examples/bank.py --demo >build/bank.demo
tab=$(printf '\t')
while IFS=$tab read -r key reason <&3; do
    printf '\n=== What fails with %s? %s\n\n' "$key" "$reason"
    .venv/bin/cmdb impact "$key" </dev/null
done 3<build/bank.demo

cat <<END

--- to look around in the browser, run:

    CMDB_STORE='$CMDB_STORE' .venv/bin/cmdb serve
END
