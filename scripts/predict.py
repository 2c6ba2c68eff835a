"""`stance predict` as a script."""

import sys

from stance.cli import app

if __name__ == "__main__":
    app(["predict", *sys.argv[1:]], prog_name="predict.py")
