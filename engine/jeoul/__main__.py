"""``python -m jeoul``."""

from jeoul.cli.main import main

main()
