"""What jobs that make datasets share: their input, changes by key, and how files are written (docs/lakehouse.md)."""
