"""Reads tables of an operational database with Spark, exactly, into Parquet files."""
