"""The console's help: one page per topic, told from what the code and the rule set say today."""
