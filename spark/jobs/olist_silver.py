"""Bronze changes of the shop to silver: the state of each row, cleaned. All datasets of a run in one session."""

from olist.silver import STEPS
from sluice_datasets.make import make, session
from sluice_datasets.request import datasets


def main() -> None:
    spark = session("olist_silver")
    for dataset in datasets():
        make(spark, dataset, STEPS[dataset.name])
        print(f"{dataset.name}: made", flush=True)
    spark.stop()


main()
