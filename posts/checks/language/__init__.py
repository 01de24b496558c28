"""Reading Japanese text: widths, sentences, dates, times, links. Knows nothing of the checks."""
