"""The process that claims jobs and drives them on dask.distributed.

`core.runner.child` starts it and imports nothing heavy; everything else belongs to the runner itself.
"""
