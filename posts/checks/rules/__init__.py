"""The checks J01 to J28, one module each: look(reading, lexicon) → what was found. All pure."""
