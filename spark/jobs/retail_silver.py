"""The shop for clothes in silver: full names, months, ages. All datasets of a run in one session."""

from retail.silver import STEPS
from sluice_datasets.make import make, session
from sluice_datasets.request import datasets


def main() -> None:
    spark = session("retail_silver")
    for dataset in datasets():
        make(spark, dataset, STEPS[dataset.name])
        print(f"{dataset.name}: made", flush=True)
    spark.stop()


main()
