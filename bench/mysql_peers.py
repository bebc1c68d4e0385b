"""Reads a table of MariaDB into Parquet as others do: mysql_peers.py WHO FOLDER, and the connection as JSON on standard input.

Gives {"seconds", "peakRssMb"} of the reading alone, without imports and the start of Spark.
"""

import json
import os
import resource
import sys
import time

who, folder = sys.argv[1:]
at = json.load(sys.stdin)
host, port, database, user, password = (at[key] for key in ("host", "port", "database", "user", "password"))
place = f"{user}:{password}@{host}:{port}/{database}"


def connectorx():
    import connectorx
    import pyarrow.parquet

    yield
    rows = connectorx.read_sql(f"mysql://{place}", "SELECT * FROM orders", return_type="arrow")
    pyarrow.parquet.write_table(rows, os.path.join(folder, "orders.parquet"))


def dlt():
    import dlt
    from dlt.sources.sql_database import sql_database

    # pyarrow gives a decimal the precision that a chunk of it needs, so that the chunks differ.
    os.environ["DATA_WRITER__ARROW_CONCAT_PROMOTE_OPTIONS"] = "default"
    pipeline = dlt.pipeline(
        "bench", pipelines_dir=os.path.join(folder, "state"), dataset_name="bench",
        destination=dlt.destinations.filesystem(f"file://{folder}/lake"),
    )
    source = sql_database(f"mysql+pymysql://{place}", backend="pyarrow", chunk_size=100_000).with_resources("orders")
    yield
    pipeline.run(source, loader_file_format="parquet")


def spark():
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.jars", at["jar"]).config("spark.driver.memory", "2g").getOrCreate()
    session.range(1).count()
    yield
    # Spark quotes columns as MySQL does only under its scheme.
    options = {"url": f"jdbc:mysql://{host}:{port}/{database}?permitMysqlScheme", "dbtable": "orders",
               "user": user, "password": password, "fetchsize": "10000", "driver": "org.mariadb.jdbc.Driver"}
    session.read.format("jdbc").options(**options).load().write.parquet(os.path.join(folder, "orders"))


work = {"connectorx": connectorx, "dlt": dlt, "spark": spark}[who]()
next(work)
began = time.perf_counter()
next(work, None)
seconds = time.perf_counter() - began


def peak(pid="self"):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


# Spark's rows are in the Java beside this process.
java = [pid for pid in os.listdir("/proc") if pid.isdigit() and os.path.exists(f"/proc/{pid}/exe")
        and os.path.basename(os.path.realpath(f"/proc/{pid}/exe")) == "java"
        and f"PPid:\t{os.getpid()}\n" in open(f"/proc/{pid}/status").read()]
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"seconds": seconds, "peakRssMb": round(max([peak(), children, *map(peak, java)]) / 1024)}))
