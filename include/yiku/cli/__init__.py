"""The ``yiku`` command.

Every command imports what it needs when it runs, so that ``--help`` is quick.

Exit status: 0 done, 1 the work failed or the check found faults, 2 wrong usage.
"""

# importing them gives the group its commands
from yiku.cli import (
    bulletin_command,
    checkout_commands,
    file_commands,
    keeping_commands,
    night_command,
    paper_commands,
    server_commands,
    source_commands,
    superset_commands,
    wall_command,
)
from yiku.cli.entry import main
from yiku.cli.group import cli

__all__ = [
    "bulletin_command",
    "checkout_commands",
    "cli",
    "file_commands",
    "keeping_commands",
    "main",
    "night_command",
    "paper_commands",
    "server_commands",
    "source_commands",
    "superset_commands",
    "wall_command",
]
