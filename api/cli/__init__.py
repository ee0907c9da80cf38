"""The `cmdb` command: thin; it parses, calls one service, and shows the answer."""

import sys


def main() -> None:
    """What `cmdb` starts."""
    from api.cli.application import run

    sys.exit(run(sys.argv[1:]))
