"""Several services in one process: `python -m mesh.cell inference context ...`, started in that order.

Imported by name: so the mesh itself depends on none of them.
"""

import importlib
import sys

from mesh.node import run

if __name__ == "__main__":
    run({name: importlib.import_module(f"{name}.__main__").start for name in sys.argv[1:]})
