"""What the project carries: policy version 1, rule set 1, and the demo's labelled comments.

`policy_v1_ja.txt` is the society's policy, word for word. `ruleset_v1/` is rule set 1 in TOML:
`criteria.toml` (settings per criterion and signal) and the files in `rules/` (what the engine
looks for). `comments/comments_a.jsonl` and `comments_b.jsonl` are 840 invented comments, one
JSON object a line:

    {"id", "platform", "post": {"id", "text"}, "author": {"id", "name", "handle"}, "text",
     "created_at": ISO 8601 with offset, "labels": [criteria, most important first],
     "signals": ["consultation" | "distress" | "criticism"]}

Comments of the same `author.id` in a file are that author's history, in order of `created_at`.
No person or institution in them exists.
"""

from pathlib import Path

HERE = Path(__file__).resolve().parent
POLICY_TEXT = HERE / "policy_v1_ja.txt"
RULESET_DIR = HERE / "ruleset_v1"
COMMENTS = (HERE / "comments" / "comments_a.jsonl", HERE / "comments" / "comments_b.jsonl")
