"""The learned part of the judgement, beside the rules.

`features` turns a subject into numbers, `model` scores them, `store` keeps a trained model in a
file, `training` makes one, `crossval` measures how good it is on a writer whom it has not read.
"""
