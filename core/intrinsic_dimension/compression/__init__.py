"""A trained subspace as a small file, and what its size certifies about errors on new data."""
