"""From a file's columns to a regular time grid: time stamps, roles, resampling, quality."""
