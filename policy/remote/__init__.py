"""What a judge outside the house is told, and how its answer is read. Pure: no network, no rows.

It is optional and off by default. What its answer can do is moderation's business
(`moderation.services.remote`): bring a comment before a person sooner, and nothing else.
"""
