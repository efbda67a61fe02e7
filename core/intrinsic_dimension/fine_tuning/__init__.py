"""Fine-tuning in random subspaces: what starts pretrained, where it starts, and what is trained."""
