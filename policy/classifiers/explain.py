"""Why the model says so: the words and the circumstances that weighed most."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from policy.criteria import Criterion, Signal
from policy.phases.finding import Finding
from policy.phases.subject import Subject

from .features import CIRCUMSTANCE_SHARE, Space
from .grams import LONGEST, char_windows
from .likeness import Floats
from .model import KEYS, Model, Opinion
from .situation import situation

RULE = "model"
_LABELS = {**dict(Criterion.choices), **dict(Signal.choices)}
_MOST_PLACES = 2
_LEAST_CIRCUMSTANCE = 0.002  # of raw score
_MOST_CIRCUMSTANCES = 3


def explain(
    model: Model, subject: Subject, opinion: Opinion, keys: Sequence[str]
) -> Iterator[Finding]:
    """For each key that applies: the places in the text, or the whole text, and why."""
    if not keys:
        return
    space, scorer = model.space, model.scorer(opinion)
    columns = [KEYS.index(key) for key in keys]
    said = _by_character(space, scorer.pieces, subject.folded.text[:LONGEST], columns)
    facts = situation(subject)
    seen = space.facts([facts])[0] * CIRCUMSTANCE_SHARE**0.5
    for place, (key, column) in enumerate(zip(keys, columns, strict=True)):
        chance = f"{opinion.probabilities[key]:.0%}"
        name = _LABELS[key]
        places = _places(said[:, place])
        also = "・".join(_circumstances(space, facts, seen * scorer.dense[: len(seen), column]))
        tail = f"（ほかに：{also}）" if also else ""
        if not places:
            why = f"学習した判定：文全体から「{name}」と見ました。確からしさ{chance}{tail}"
            yield Finding(key, opinion.scores[key], 0, len(subject.text), why, RULE)
        for start, end in places:
            why = (
                f"学習した判定：この言い回しに「{name}」の特徴があります。確からしさ{chance}{tail}"
            )
            yield Finding(key, opinion.scores[key], *subject.folded.span(start, end), why, RULE)


def _by_character(space: Space, weights: Floats, text: str, columns: Sequence[int]) -> Floats:
    """How much each character of the folded text speaks for each key, less a little for length."""
    said = np.zeros((len(text), len(columns)), dtype=np.float32)
    for size, starts, buckets in char_windows(text):
        pieces = space.columns[buckets]
        telling = space.weights[pieces] * (pieces >= 0) / size
        told = weights[pieces][:, columns] * telling[:, None]
        for offset in range(size):
            said[starts + offset] += told
    return said - np.maximum(said.mean(axis=0), 0.0) if len(text) else said


def _places(said: Floats) -> list[tuple[int, int]]:
    """The stretches of the folded text that speak for the key, strongest first."""
    places: list[tuple[int, int]] = []
    for _ in range(_MOST_PLACES):
        start, end, weight = _best_stretch(said)
        if weight <= 0:
            break
        places.append((start, end))
        said[start:end] = -1.0
    return places


def _best_stretch(said: Floats) -> tuple[int, int, float]:
    """The neighbouring characters with the greatest sum: the highest rise of the running total."""
    if not len(said):
        return 0, 0, 0.0
    total = np.concatenate([[0.0], np.cumsum(said, dtype=np.float64)])
    rise = total[1:] - np.minimum.accumulate(total[:-1])
    end = int(np.argmax(rise)) + 1
    return int(np.argmin(total[:end])), end, float(rise[end - 1])


def _circumstances(space: Space, facts: Mapping[str, float], parts: Floats) -> list[str]:
    """Names of the circumstances that are there and speak for the key, strongest first."""
    names = space.names
    order = np.argsort(-parts)[:_MOST_CIRCUMSTANCES]
    return [names[i] for i in order if parts[i] > _LEAST_CIRCUMSTANCE and facts[names[i]] > 0]
