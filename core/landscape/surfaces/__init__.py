"""Loss along directions through a model: lines, planes, and where checkpoints lie in them."""
