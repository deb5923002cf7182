"""Makes source systems of real shape, filled with an invented university's use: for the demo, tests and benchmarks."""
