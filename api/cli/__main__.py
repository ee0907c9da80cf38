"""Lets `python -m api.cli` do what `cmdb` does."""

from api.cli import main

if __name__ == "__main__":
    main()
