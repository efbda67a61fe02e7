"""The engine: bifiltered complexes and their invariants, as pure functions over numpy arrays."""
