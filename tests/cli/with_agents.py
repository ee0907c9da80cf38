"""The command with the agents of the tests: python -m tests.cli.with_agents ARGUMENT…"""

from pathlib import Path

from api.cli import main
from discovery import agents

ACTING = str(Path(__file__).parents[1] / "discovery" / "acting")

if __name__ in ("__main__", "__mp_main__"):  # the second: processes that uvicorn starts
    agents.__path__.append(ACTING)

if __name__ == "__main__":
    main()
