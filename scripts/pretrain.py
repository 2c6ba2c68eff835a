"""`stance pretrain` as a script."""

import sys

from stance.cli import app

if __name__ == "__main__":
    app(["pretrain", *sys.argv[1:]], prog_name="pretrain.py")
