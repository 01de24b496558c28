"""Writing the policy: one file per matter."""

from .load import DifferentVersionOne, load_version_1

__all__ = ["DifferentVersionOne", "load_version_1"]
