"""The console's help: one page per topic, told from what the code and the rule set say today.

The help stands above all parts and asks each of them for its facts; only the frame of the pages
knows the help. A search renders every topic that the person may read (some thirty small templates,
a dozen queries), and so never finds what no longer stands there.
"""
