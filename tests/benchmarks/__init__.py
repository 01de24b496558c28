"""Speed, as ratios measured in one run (`make bench`): no gate, figures only.

What depends on the machine is measured twice on the same machine and printed as a ratio: the
worker against bare INSERTs, the pages of a large console against those of a small one.
"""
