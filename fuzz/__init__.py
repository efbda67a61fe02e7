"""Coverage-guided fuzzing of everything that reads what strangers send: `make fuzz FUZZ_SECONDS=60`."""
