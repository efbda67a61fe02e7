"""Second parameters: functions on points, vertices, edges and pixels."""
