"""Stands in for the library that every AWS Glue job finds; only what the jobs here use."""
