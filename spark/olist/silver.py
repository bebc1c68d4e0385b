"""What each table of the shop is in silver."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from olist.cities import clean_city
from sluice_datasets.make import Step, row_id

# The country's outermost points.
LONGITUDES = (-73.99222, -34.79306)
LATITUDES = (-33.75083, 5.27222)

_city = F.udf(clean_city, StringType())


def place(rows: DataFrame, prefix: str) -> DataFrame:
    """Columns `<prefix>_zip_code_prefix`, `_city` and `_state`; with the zip's first 1 to 4 digits beside it."""
    zip, city, state = f"{prefix}_zip_code_prefix", f"{prefix}_city", f"{prefix}_state"
    names = rows.select(city).distinct().withColumn("_clean", _city(city))
    rows = rows.join(F.broadcast(names), city, "left").withColumn(city, F.col("_clean")).drop("_clean")
    rows = rows.withColumn(zip, F.when(F.length(zip) < 5, F.lpad(zip, 5, "0")).otherwise(F.col(zip)))
    for digits in range(1, 5):
        rows = rows.withColumn(f"{zip}_{digits}", F.substring(zip, 1, digits))
    return rows.withColumn(state, F.upper(F.trim(state)))


def geolocation(rows: DataFrame) -> DataFrame:
    """Points inside the country. They have no key, and whole rows repeat: of equal ones, each has a number."""
    rows = rows.filter(F.col("geolocation_lng").between(*LONGITUDES) & F.col("geolocation_lat").between(*LATITUDES))
    columns = rows.columns
    same = Window.partitionBy(*columns).orderBy(F.lit(1))
    rows = rows.withColumn("_copy", F.row_number().over(same)).withColumn("row_id", row_id(*columns, "_copy"))
    return place(rows.drop("_copy"), "geolocation")


def orders(rows: DataFrame) -> DataFrame:
    rows = rows.withColumn("order_purchase_date", F.to_date("order_purchase_timestamp"))
    return _by_month(_named(rows, "order_id"), "order_approved_at")


def order_reviews(rows: DataFrame) -> DataFrame:
    return _by_month(_named(rows, "review_id", "order_id"), "review_creation_date")


def order_items(rows: DataFrame) -> DataFrame:
    """`order_item_id` is the number of a line, one for each piece."""
    return _named(rows, "order_id", "order_item_id")


def order_payments(rows: DataFrame) -> DataFrame:
    return _named(rows, "order_id", "payment_sequential")


def customers(rows: DataFrame) -> DataFrame:
    return place(_named(rows, "customer_id"), "customer")


def sellers(rows: DataFrame) -> DataFrame:
    return place(_named(rows, "seller_id"), "seller")


def products(rows: DataFrame) -> DataFrame:
    return _named(rows, "product_id")


def product_category_name_translation(rows: DataFrame) -> DataFrame:
    return _named(rows, "product_category_name")


STEPS: dict[str, Step] = {
    f"silver.{step.__name__}": step
    for step in (
        orders,
        order_items,
        order_payments,
        order_reviews,
        customers,
        geolocation,
        products,
        sellers,
        product_category_name_translation,
    )
}


def _named(rows: DataFrame, *key: str) -> DataFrame:
    return rows.withColumn("row_id", row_id(*key))


def _by_month(rows: DataFrame, column: str) -> DataFrame:
    """Year and month of a time: partitions; that of the rows without one is null."""
    return rows.withColumn("year", F.year(column)).withColumn("month", F.month(column))
