"""What the society may use of each platform, what it has used, and when reading has to wait.

X's figure is an estimate, rather too high: the same thing counts once per UTC day. A request that
could exceed a channel's monthly ceiling is not sent, and an effect that it stops goes to a person
at once instead of waiting for weeks. `daily_units` among a YouTube channel's options tells that
Google granted more than the usual 10,000. Fifty hides on YouTube go out as one call, so that a
hundred cost 100 units instead of 5,000.
"""
