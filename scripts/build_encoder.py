"""`stance encoder build` as a script."""

import sys

from stance.cli import app

if __name__ == "__main__":
    app(["encoder", "build", *sys.argv[1:]], prog_name="build_encoder.py")
