"""How well a detector did on labelled telemetry, one definition a file.

Every metric is a function of labels [rows] and either scores [rows] (higher = more anomalous; a row without a score
ranks below all others) or alarms [rows]. A metric that has no value for its input raises `Undefined` with the reason;
`score_table` turns that into a missing value with a note, never into zero.
"""
