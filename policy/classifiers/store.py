"""A trained model as two files: `model.npz` (numbers) and `model.json` (everything readable).

Plain arrays and JSON, never pickle: a file cannot run code. Weights of pieces are kept as 8-bit
steps per key; a reader gets back what was written to within half a step.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from .features import Floats, Space
from .model import COLUMNS, FORMAT, Calibration, Gate, Model

NUMBERS, WORDS = "model.npz", "model.json"
_STEPS = 127


class BadModel(ValueError):
    """The files are no model that this version can use. The message says why."""


def save(model: Model, folder: Path, *, figures: dict[str, Any]) -> None:
    """Write the model; `figures` are the cross-validated ones, for whoever looks at the file."""
    folder.mkdir(parents=True, exist_ok=True)
    step = np.abs(model.pieces).max(axis=0) / _STEPS + 1e-9
    space = model.space
    np.savez_compressed(
        folder / NUMBERS,
        pieces=np.round(model.pieces / step).astype(np.int8),
        step=step.astype(np.float32),
        weights=space.weights.astype(np.float16),
        dense=model.dense.astype(np.float32),
        base=model.base.astype(np.float32),
        middle=space.middle,
        spread=space.spread,
        meaning=space.meaning,
        buckets=space.buckets,
    )
    readable = {
        "format": FORMAT,
        "version": model.version,
        "columns": COLUMNS,
        "names": space.names,
        "calibrations": {key: asdict(value) for key, value in model.calibrations.items()},
        "gate": asdict(model.gate),
        "figures": figures,
    }
    text = json.dumps(readable, ensure_ascii=False, indent=1) + "\n"
    (folder / WORDS).write_text(text, encoding="utf-8")


def load(folder: Path) -> Model:
    """Read a model.

    Raises:
        BadModel: a file is missing, cut short, or of another format.
    """
    try:
        readable = json.loads((folder / WORDS).read_text(encoding="utf-8"))
        with (
            (folder / NUMBERS).open("rb") as file,
            np.load(file, allow_pickle=False) as numbers,
        ):
            return _model(readable, {name: numbers[name] for name in numbers.files})
    except BadModel:
        raise
    except Exception as error:
        raise BadModel(f"the model cannot be read ({type(error).__name__})") from error


def _model(readable: dict[str, Any], numbers: dict[str, Any]) -> Model:
    if readable["format"] != FORMAT or tuple(readable["columns"]) != COLUMNS:
        raise BadModel("the model was trained by another version of the program")
    pieces: Floats = numbers["pieces"].astype(np.float32) * numbers["step"]
    if len(pieces) != len(numbers["buckets"]):
        raise BadModel("the pieces and their weights are of different number")
    space = Space(
        buckets=numbers["buckets"],
        weights=numbers["weights"].astype(np.float32),
        names=tuple(readable["names"]),
        middle=numbers["middle"],
        spread=numbers["spread"],
        meaning=numbers["meaning"],
    )
    calibrations = {key: Calibration(**values) for key, values in readable["calibrations"].items()}
    return Model(
        version=readable["version"],
        space=space,
        pieces=pieces,
        dense=numbers["dense"],
        base=numbers["base"],
        calibrations=calibrations,
        gate=Gate(tuple(readable["gate"]["weights"]), readable["gate"]["offset"]),
    )
