"""The finished examples that come with the workbench: which they are, and how `make gallery` makes them."""
