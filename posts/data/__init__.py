"""Files that the project carries for posts."""

from pathlib import Path

CHECKS_DIR = Path(__file__).parent / "checks"
