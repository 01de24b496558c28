"""`python -m tests.benchmarks [--small]`: measure, and print tables (Markdown, readable as it is).

Works on servers of its own in var/bench; its databases are dropped at the end. Exits with 1 where a query at
the large size reads a big table whole; figures alone never fail it.
"""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

VAR = Path(__file__).resolve().parents[2] / "var" / "bench"


@dataclass(frozen=True)
class Scale:
    small: int  # comments
    large: int
    rounds: int
    pulled: int  # comments per platform

    @property
    def deep(self) -> int:
        return min(500, self.large // 10 // 25)


FULL = Scale(small=10_000, large=1_000_000, rounds=9, pulled=1_000)
QUICK = Scale(small=2_000, large=40_000, rounds=3, pulled=400)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="a quick look at small tables")
    scale = QUICK if parser.parse_args().small else FULL
    os.environ |= {"JSPM_VAR": str(VAR), "DJANGO_SETTINGS_MODULE": "jspm_social.settings"}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    from jspm_social import embedded

    embedded.ensure_running()
    import django

    django.setup()
    from tests.benchmarks.report import run

    return run(scale)


if __name__ == "__main__":
    sys.exit(main())
