"""Print the example estate: the IT department of a bank, as its operations team would have it.

    python examples/bank.py > bank.json      the estate to stdout
    python examples/bank.py bank.json        the estate to a file
    python examples/bank.py --demo           three failures worth asking about

The estate is made by the package `bank` beside this file; every run gives the same bytes.
"""

import json
import sys
from pathlib import Path

from bank import DEMO, estate


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
    if arguments == ["--demo"]:
        sys.stdout.writelines(f"{key}\t{reason}\n" for key, reason in DEMO)
        return
    text = json.dumps(estate(), ensure_ascii=False, indent=1) + "\n"
    if arguments:
        Path(arguments[0]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.buffer.write(text.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
