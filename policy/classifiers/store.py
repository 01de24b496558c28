"""A trained model as two files: `model.npz` (numbers) and `model.json` (everything readable).

Plain arrays and JSON, never pickle: a file cannot run code. Weights of pieces are kept as 8-bit
steps per key; a reader gets back what was written to within half a step.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from .features import Space
from .likeness import Floats, Landmarks
from .model import COLUMNS, FORMAT, Calibration, Gate, Model, Scorer

NUMBERS, WORDS = "model.npz", "model.json"
QUICK, THOROUGH = "quick", "thorough"
_STEPS = 127


class BadModel(ValueError):
    """The files are no model that this version can use. The message says why."""


def save(model: Model, folder: Path, *, figures: dict[str, Any]) -> None:
    """Write the model; `figures` are the cross-validated ones, for whoever looks at the file."""
    folder.mkdir(parents=True, exist_ok=True)
    space = model.space
    numbers: dict[str, Any] = _numbers_of(QUICK, model.quick)
    numbers |= _numbers_of(THOROUGH, model.thorough)
    np.savez_compressed(
        folder / NUMBERS,
        weights=space.weights.astype(np.float16),
        middle=space.middle,
        spread=space.spread,
        meaning=space.meaning,
        nearness=space.nearness,
        alike=space.alike.points.astype(np.float16),
        akin=space.akin.points.astype(np.float16),
        buckets=space.buckets,
        **numbers,
    )
    readable = {
        "format": FORMAT,
        "version": model.version,
        "columns": COLUMNS,
        "names": space.names,
        "widths": {"alike": space.alike.width, "akin": space.akin.width},
        QUICK: _words_of(model.quick),
        THOROUGH: _words_of(model.thorough),
        "figures": figures,
    }
    text = json.dumps(readable, ensure_ascii=False, indent=1) + "\n"
    (folder / WORDS).write_text(text, encoding="utf-8")


def _numbers_of(name: str, scorer: Scorer) -> dict[str, Floats]:
    step = np.abs(scorer.pieces).max(axis=0) / _STEPS + 1e-9
    return {
        f"{name}_pieces": np.round(scorer.pieces / step).astype(np.int8),
        f"{name}_step": step.astype(np.float32),
        f"{name}_dense": scorer.dense.astype(np.float32),
        f"{name}_base": scorer.base.astype(np.float32),
    }


def _words_of(scorer: Scorer) -> dict[str, Any]:
    calibrations = {key: asdict(value) for key, value in scorer.calibrations.items()}
    return {"calibrations": calibrations, "gate": asdict(scorer.gate)}


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
    widths = readable["widths"]
    space = Space(
        buckets=numbers["buckets"],
        weights=numbers["weights"].astype(np.float32),
        names=tuple(readable["names"]),
        middle=numbers["middle"],
        spread=numbers["spread"],
        meaning=numbers["meaning"],
        nearness=numbers["nearness"],
        alike=Landmarks(numbers["alike"].astype(np.float32), widths["alike"]),
        akin=Landmarks(numbers["akin"].astype(np.float32), widths["akin"]),
    )
    return Model(
        version=readable["version"],
        space=space,
        quick=_scorer(QUICK, readable, numbers),
        thorough=_scorer(THOROUGH, readable, numbers),
    )


def _scorer(name: str, readable: dict[str, Any], numbers: dict[str, Any]) -> Scorer:
    pieces: Floats = numbers[f"{name}_pieces"] * numbers[f"{name}_step"]
    dense, base = numbers[f"{name}_dense"], numbers[f"{name}_base"]
    size = len(readable["names"]) + len(numbers["alike"])
    size += 0 if name == QUICK else 1 + len(numbers["akin"])
    shapes = (pieces.shape, dense.shape, base.shape)
    wanted = ((len(numbers["buckets"]), len(COLUMNS)), (size, len(COLUMNS)), (len(COLUMNS),))
    if shapes != wanted:
        raise BadModel("weights are missing, or are too many")
    if not all(np.isfinite(part).all() for part in (pieces, dense, base)):
        raise BadModel("a weight is no number")  # a score that is none would let everything pass
    calibrations, gate = readable[name]["calibrations"], readable[name]["gate"]
    return Scorer(
        pieces=pieces,
        dense=dense,
        base=base,
        calibrations={key: Calibration(**values) for key, values in calibrations.items()},
        gate=Gate(tuple(gate["weights"]), gate["offset"]),
    )
