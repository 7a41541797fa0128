"""What is measured, and against what: `make bench` prints it, docs/performance.md reads it."""
