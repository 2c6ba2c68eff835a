"""`stance search` as a script."""

import sys

from stance.cli import app

if __name__ == "__main__":
    app(["search", *sys.argv[1:]], prog_name="search.py")
