"""`cmdb version`."""

import platform
from importlib.metadata import version

from api.cli import output


def command() -> int:
    """Show the version."""
    output.put(f"graph-cmdb {version('graph-cmdb')} (Python {platform.python_version()})\n")
    return 0
