"""What each table of the shop for clothes is in silver."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from sluice_datasets.make import Step


def clients(clients: DataFrame) -> DataFrame:
    return _full_name(clients)


def client_addresses(client_addresses: DataFrame) -> DataFrame:
    return client_addresses


def sales_people(sales_people: DataFrame) -> DataFrame:
    return _full_name(sales_people)


def products(products: DataFrame) -> DataFrame:
    return products


def sales(sales: DataFrame, clients: DataFrame) -> DataFrame:
    """
    With the day of the month, the month as its first day, the year (partitions), and the buyer's age on that day. A
    sale stays where its buyer was read before he was there: his age is unset until the next run.
    """
    rows = sales.join(clients.select("client_id", "birth_date"), "client_id", "left")
    age = _years("birth_date", "sale_date")
    return (
        rows.withColumn("sale_year", F.year("sale_date"))
        .withColumn("sale_month", F.trunc("sale_date", "month"))
        .withColumn("sale_day", F.dayofmonth("sale_date"))
        .withColumn("client_age", age)
        .withColumn("age_group", _age_group(F.col("client_age")))
        .drop("birth_date")
    )


def sales_items(sales_items: DataFrame) -> DataFrame:
    return sales_items


STEPS: dict[str, Step] = {
    f"silver.{step.__name__}": step for step in (clients, client_addresses, sales_people, products, sales, sales_items)
}


def _full_name(rows: DataFrame) -> DataFrame:
    return rows.withColumn("full_name", F.concat_ws(" ", F.trim("firstname"), F.trim("lastname")))


def _years(born: str, day: str) -> Column:
    """Birthdays that there were: who was born on the 29th of February has his on the 1st of March in other years."""
    not_yet = F.date_format(day, "MMdd") < F.date_format(born, "MMdd")
    return F.year(day) - F.year(born) - not_yet.cast("int")


def _age_group(age: Column) -> Column:
    return F.when(age < 15, "children").when(age < 25, "teenager").when(age < 65, "adult").when(age >= 65, "senior")
