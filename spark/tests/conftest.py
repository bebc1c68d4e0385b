"""Puts Glue's own library, which no registry has, where the jobs find it."""

import sys
from pathlib import Path

SHIM = Path(__file__).parents[2] / "aws-local" / "glue" / "shim"
sys.path.insert(0, str(SHIM))
