"""The commands, one module each; `api.cli.application` finds them by a scan of this folder.

A module has `command`, which returns the exit code, or `group`, a Typer with its own commands. The
module's name, without a trailing '_', is the name of the command.
"""
