"""How alike two networks are: linear CKA in its flavours, and the distance of their weights."""
