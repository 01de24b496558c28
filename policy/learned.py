"""The learned model that judges: the committee's own where it has one, else the carried one.

The committee's own models are kept in MODEL_DIR, each in a folder of its own; the file `current`
there names the one to use, and naming an older one goes back to it. Workers read it when they
start.
"""

import json
import logging
import os
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from policy.carried import carried_model, read_model
from policy.classifiers.model import Model
from policy.classifiers.store import WORDS, BadModel, save
from policy.data import MODEL_DIR as CARRIED

CURRENT = "current"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]*")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Card:
    """What a model's own file says about it. `figures` are as `policy.retraining` writes them."""

    version: str
    figures: dict[str, Any]
    own: bool  # made of the committee's decisions, not the one that the project carries


def folder_in_use() -> Path:
    """The folder of the model that a worker reads when it starts."""
    home: Path | None = settings.MODEL_DIR
    try:
        name = (home / CURRENT).read_text(encoding="utf-8").strip() if home else ""
    except OSError:
        return CARRIED
    return home / name if home and _NAME.fullmatch(name) else CARRIED


@cache
def model_in_use() -> Model | None:
    """The model, read once per process.

    If the committee's own cannot be used, the carried one judges, and the log says so; None if
    that cannot be used either.
    """
    folder = folder_in_use()
    if folder == CARRIED:
        return carried_model()
    try:
        return read_model(folder)
    except BadModel as error:
        logger.error("the carried model judges, since the own one is bad: %s", error)  # noqa: TRY400
        return carried_model()


def card(folder: Path) -> Card | None:
    """What the model in this folder says about itself; None if it cannot be read."""
    try:
        words = json.loads((folder / WORDS).read_text(encoding="utf-8"))
        return Card(str(words["version"]), dict(words["figures"]), own=folder != CARRIED)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(model: Model, home: Path, *, figures: dict[str, Any]) -> Path:
    """Store a model beside the older ones and make it the one to use; returns its folder.

    A worker that starts at this very moment reads the old one or the new one, never half of it.
    """
    home.mkdir(parents=True, exist_ok=True)
    folder = home / f"{model.version}-{timezone.now():%Y%m%d%H%M%S}"
    save(model, folder, figures=figures)
    handle, draft = tempfile.mkstemp(dir=home)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{folder.name}\n")
    Path(draft).chmod(0o644)
    Path(draft).replace(home / CURRENT)
    return folder
