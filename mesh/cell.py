"""Services in a process, imported by name and started in that order: `python -m mesh.cell inference context ...`."""

import importlib
import sys

from mesh.node import run

if __name__ == "__main__":
    run({name: importlib.import_module(f"{name}.start").start for name in sys.argv[1:]})
