#!/bin/sh
# Copies the Neo4j server of the tests, as scripts/neo4j/pom.xml names it, into .neo4j/lib.
# Quick when that has been done from the same pom.xml before.
set -eu
cd "$(dirname "$0")/.."

pom=scripts/neo4j/pom.xml
if cmp -s "$pom" .neo4j/installed.xml; then exit 0; fi

echo "--- installing Neo4j for the tests into .neo4j (120 MB, needs the network)"
rm -rf .neo4j
mkdir -p .neo4j
mvn -q -B -f "$pom" dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$(pwd -P)/.neo4j/lib" </dev/null >.neo4j/maven.log || {
    grep -m 3 ERROR .neo4j/maven.log >&2
    exit 1
}
cp "$pom" .neo4j/installed.xml
