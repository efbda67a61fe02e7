"""Events put into a person's own telemetry, to see which of them would be found."""
