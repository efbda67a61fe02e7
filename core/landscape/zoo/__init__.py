"""From the files of a model zoo to rows for the phase map: settings, the chosen epoch, and gains of averaging."""
