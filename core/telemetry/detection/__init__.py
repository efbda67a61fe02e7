"""Where telemetry misbehaves: a forecaster of each parameter from its own past, robust residuals, events, incidents."""
