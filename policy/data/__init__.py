"""What the project carries: policy version 1, rule set 1, labelled comments, the learned model.

`policy_v1_ja.txt` is the society's policy, word for word. `ruleset_v1/` is rule set 1 in TOML:
`criteria.toml` (settings per criterion and signal) and the files in `rules/` (what the engine
looks for). `comments/comments_a.jsonl` to `comments_i.jsonl` are 3,240 invented comments by eight
writers, the seed corpus from which the model learns; one JSON object a line:

    {"id", "platform", "post": {"id", "text"}, "author": {"id", "name", "handle"}, "text",
     "created_at": ISO 8601 with offset, "labels": [criteria, most important first],
     "signals": ["consultation" | "distress" | "criticism"]}

Comments of the same `author.id` in a file are that author's history, in order of `created_at`.
`comments/written_0.jsonl` to `written_11.jsonl` (10,900) were written for the purpose of training
alone, by the same labelling guide: the first to enlarge the seed where it was thin, number 7 with
the thanks of families, in words that farewells have too, number 8 as the everyday stream of thanks
and greetings, and the others each in a tone of its own by somebody who had not read the seed. The
model learns from them and is never measured on them. No person or institution in any of them
exists. `model/` holds the model that `manage.py train` made of all.
"""

from pathlib import Path

HERE = Path(__file__).resolve().parent
POLICY_TEXT = HERE / "policy_v1_ja.txt"
RULESET_DIR = HERE / "ruleset_v1"
EXPLAINED = HERE / "explained.toml"
MODEL_DIR = HERE / "model"
_COMMENTS = HERE / "comments"
SEED = tuple(_COMMENTS / f"comments_{letter}.jsonl" for letter in "abcdefgi")
WRITTEN = tuple(_COMMENTS / f"written_{number}.jsonl" for number in range(12))
CARRIED = (*SEED, *WRITTEN)
# Of one kind each, or too easy: learned from, and no threshold rests on them.
ASIDE = (WRITTEN[0], WRITTEN[7], WRITTEN[8])
COMMENTS = SEED[:2]  # what the demo shows
