#!/bin/sh
# What `make test` needs of the system, beside make. On Debian 12 or newer, as root, what is missing
# is installed; anywhere else it is named in one line, and the script ends with 2.
set -eu
cd "$(dirname "$0")/.."

# PACKAGE=CHECK: the Debian package, and the function or the command that tells it is there.
NEEDS="
python3-venv=good_python
default-jre-headless=good_java
maven=mvn
chromium=chromium
fonts-noto-cjk=good_font
iproute2=ip
nmap=nmap
tcpdump=tcpdump
dropbear-bin=dropbear
nginx-light=nginx
postgresql=good_postgres
redis-server=redis-server
snmpd=snmpd
lldpd=lldpd
openssh-client=ssh-keyscan
"

# While this is there, Debian starts no server that it installs: the tests start their own.
POLICY=/usr/sbin/policy-rc.d

good_python() {
    .venv/bin/python -c 'import pip' >/dev/null 2>&1 || sh scripts/find_python.sh >/dev/null 2>&1
}

good_java() { # Neo4j 5.26 runs on Java 17 and 21
    java=${JAVA_HOME:+$JAVA_HOME/bin/}java
    version=$("$java" -version 2>&1 </dev/null | sed -n 's/.* version "\([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 17 ]
}

good_font() { # the pages are tested with Chinese names
    fc-list :lang=zh 2>/dev/null | grep -q .
}

good_postgres() {
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

there() { # there CHECK
    case $1 in
        good_*) "$1" ;;
        *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

list_missing() {
    for need in $NEEDS; do
        there "${need#*=}" || printf '%s ' "${need%%=*}"
    done
}

can_install() {
    [ "$(id -u)" = 0 ] && [ -r /etc/os-release ] && (
        # shellcheck disable=SC1091 # a file of the system
        . /etc/os-release
        [ "${ID:-}" = debian ] && [ "${VERSION_ID:-999}" -ge 12 ] # "testing" has no number
    )
}

mkdir -p build
missing=$(list_missing)
if [ -n "$missing" ] && can_install; then
    echo "--- installing with apt-get: $missing"
    export DEBIAN_FRONTEND=noninteractive
    if [ ! -e $POLICY ]; then
        trap 'rm -f $POLICY' EXIT
        printf '#!/bin/sh\nexit 101\n' >$POLICY
        chmod +x $POLICY
    fi
    # The names are to be split into words:
    # shellcheck disable=SC2086
    { apt-get -qq update && apt-get -qq -y --no-install-recommends install $missing; } \
        </dev/null >build/apt.log 2>&1 || tail -n 5 build/apt.log >&2
    missing=$(list_missing)
fi
if [ -n "$missing" ]; then
    echo "missing: ${missing% }" \
        "(as Debian names them; Python must be 3.11 or newer, Java 17 or 21)" >&2
    exit 2
fi
