"""`stance evaluate` as a script."""

import sys

from stance.cli import app

if __name__ == "__main__":
    app(["evaluate", *sys.argv[1:]], prog_name="evaluate.py")
