"""Models: built-in architectures, file formats that can be opened without executing anything, fresh parameters.

`builtin`, `architectures` and `formats` bring in no torch: the page server may import them. Everything else here
does, and belongs in a worker.
"""
