"""Why the model says so: the words and the circumstances that weighed most."""

from collections.abc import Iterator, Sequence

import numpy as np

from policy.criteria import Criterion, Signal
from policy.phases.finding import Finding
from policy.phases.subject import Subject

from .features import Floats
from .grams import LONGEST, char_windows
from .model import KEYS, Model, Opinion
from .situation import situation

RULE = "model"
_LABELS = {**dict(Criterion.choices), **dict(Signal.choices)}
_MOST_PLACES = 2
_LEAST_CIRCUMSTANCE = 0.02  # of raw score
_MOST_CIRCUMSTANCES = 3


def explain(
    model: Model, subject: Subject, opinion: Opinion, keys: Sequence[str]
) -> Iterator[Finding]:
    """For each key that applies: the places in the text, or the whole text, and why."""
    for key in keys:
        chance = f"{opinion.probabilities[key]:.0%}"
        name = _LABELS[key]
        places = _places(model, subject, KEYS.index(key))
        also = "・".join(_circumstances(model, subject, KEYS.index(key)))
        tail = f"（ほかに：{also}）" if also else ""
        if not places:
            why = f"学習した判定：文全体から「{name}」と見ました。確からしさ{chance}{tail}"
            yield Finding(key, opinion.scores[key], 0, len(subject.text), why, RULE)
        for start, end in places:
            why = (
                f"学習した判定：この言い回しに「{name}」の特徴があります。確からしさ{chance}{tail}"
            )
            yield Finding(key, opinion.scores[key], *subject.folded.span(start, end), why, RULE)


def _places(model: Model, subject: Subject, column: int) -> list[tuple[int, int]]:
    """The stretches of the folded text that speak for the key, strongest first."""
    weights = _by_character(model, subject.folded.text[:LONGEST], column)
    places: list[tuple[int, int]] = []
    for _ in range(_MOST_PLACES):
        start, end, weight = _best_stretch(weights)
        if weight <= 0:
            break
        places.append((start, end))
        weights[start:end] = -1.0
    return places


def _by_character(model: Model, text: str, column: int) -> Floats:
    """How much each character of the folded text speaks for the key, less a little for length."""
    weights = np.zeros(len(text), dtype=np.float32)
    for size, starts, buckets in char_windows(text):
        columns = model.space.columns[buckets]
        known = columns >= 0
        told = model.space.weights[columns] * model.pieces[columns, column] * known / size
        for offset in range(size):
            np.add.at(weights, starts + offset, told)
    return weights - max(float(weights.mean()), 0.0) if len(weights) else weights


def _best_stretch(weights: Floats) -> tuple[int, int, float]:
    """The neighbouring characters with the greatest sum (Kadane)."""
    best, best_start, best_end = 0.0, 0, 0
    total, start = 0.0, 0
    for index, weight in enumerate(weights):
        if total <= 0:
            total, start = 0.0, index
        total += float(weight)
        if total > best:
            best, best_start, best_end = total, start, index + 1
    return best_start, best_end, best


def _circumstances(model: Model, subject: Subject, column: int) -> list[str]:
    """Names of the circumstances that are there and speak for the key, strongest first."""
    facts = situation(subject)
    values = np.array([facts[name] for name in model.space.names], dtype=np.float32)
    parts = (values - model.space.middle) / model.space.spread
    parts = parts * model.dense[: len(values), column]
    order = np.argsort(-parts)[:_MOST_CIRCUMSTANCES]
    return [model.space.names[i] for i in order if parts[i] > _LEAST_CIRCUMSTANCE and values[i] > 0]
