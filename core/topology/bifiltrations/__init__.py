"""Bifiltrations of one item and its functions."""
