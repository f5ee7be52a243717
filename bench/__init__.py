"""Benchmarks: how much the engine costs, against other ways, in one run (`make bench`).

Nothing here is a test, and no test depends on a figure. What is compared runs in the same run
on the same machine, and what counts are the ratios. docs/performance.md explains each line.
"""
