"""``python -m yiku.cli``."""

from yiku.cli.entry import main

main()
