"""Training of small networks, many at once where that pays."""
