"""The phases, in order. Each reads a subject and the rule set and says what it found.

A new kind of evidence is a new file here and a new line below; the engine runs them, times them,
and turns a phase that fails into a question for a person.
"""

from . import alteration, hosts, impersonation, lexicon, noise, personal, relation, repetition
from .finding import Judge

PHASES: tuple[tuple[str, Judge], ...] = (
    ("語句と言い回し", lexicon.judge),
    ("個人情報", personal.judge),
    ("なりすまし", impersonation.judge),
    ("リンクの宛先", hosts.judge),
    ("投稿の改変", alteration.judge),
    ("くり返し", repetition.judge),
    ("意味のない書き込み", noise.judge),
    ("投稿との関わり", relation.judge),
)
