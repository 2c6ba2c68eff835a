"""`stance train` as a script."""

import sys

from stance.cli import app

if __name__ == "__main__":
    app(["train", *sys.argv[1:]], prog_name="train.py")
