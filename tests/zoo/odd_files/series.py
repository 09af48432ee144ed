"""Columns of tables as time series."""

from tests.zoo.odd_files.making import Row, csv, day, sold, suffixed

SERIES = [
    Row("one column", csv({"sold": sold}, rows=60), task="forecasting", samples=60),
    Row(
        "a column of several",
        suffixed(csv({"day": day, "sold": sold}, rows=60), "sold"),
        task="forecasting",
        samples=60,
    ),
    Row(
        "newest first",
        suffixed(
            csv({"day": lambda i: day(59 - i), "sold": lambda i: 59 - i}, rows=60),
            "sold",
        ),
        task="forecasting",
        samples=60,
        check=lambda d: d.train.x[0] == 0 and d.test.x[-1] == 59,
    ),
    Row(
        "several companies",
        suffixed(
            csv(
                {
                    "firm": lambda i: "xy"[i // 60],
                    "day": lambda i: day(i % 60),
                    "sold": sold,
                },
                rows=120,
            ),
            "sold",
        ),
        refused="--group firm",
    ),
    Row(
        "several companies by group",
        suffixed(
            csv(
                {
                    "firm": lambda i: "xy"[i // 60],
                    "day": lambda i: day(i % 60),
                    "sold": sold,
                },
                rows=120,
            ),
            "sold",
        ),
        task="forecasting",
        samples=6,
        reading={"group": "firm"},
    ),
    Row(
        "a gap",
        suffixed(
            csv({"day": day, "sold": lambda i: "" if i == 7 else sold(i)}, rows=60),
            "sold",
        ),
        refused="fill them",
    ),
    Row(
        "no such column",
        suffixed(csv({"day": day, "sold": sold}, rows=60), "price"),
        refused="has no column 'price'; it has day, sold",
    ),
    Row(
        "a column of words",
        suffixed(csv({"day": day, "sold": lambda i: "many"}, rows=60), "sold"),
        refused="'many' is not a number",
    ),
    Row("too short", csv({"sold": sold}, rows=12), refused="20 are the least"),
    Row(
        "dates and a quantity",
        csv({"day": day, "sold": sold}, rows=60),
        task="regression",
        samples=60,
        labels=("sold",),
    ),
]
