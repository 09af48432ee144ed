"""Columns of tables as time series."""

from tests.zoo.odd_files.making import Row, csv, day, file, sold, suffixed, table

COMPANIES = suffixed(
    csv(
        {
            "firm": lambda i: "xy"[i // 60],
            "day": lambda i: day(i % 60),
            "sold": sold,
        },
        rows=120,
    ),
    "sold",
)

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
        COMPANIES,
        refused="--group firm",
    ),
    Row(
        "several companies by group",
        COMPANIES,
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
    Row(
        "a total at the end",
        suffixed(
            file("t.csv", table({"day": day, "sold": sold}, rows=60) + "Total,600\n"),
            "sold",
        ),
        refused="line 62, column 'day': 'Total' is no date as the others are",
    ),
    Row(
        "a row without a date",
        suffixed(
            file("t.csv", table({"day": day, "sold": sold}, rows=60) + ",600\n"),
            "sold",
        ),
        refused="line 62: 'day' is empty, which gives the order",
    ),
    Row(
        "clocks put back, with the distance from UTC",
        suffixed(
            csv(
                {
                    "time": lambda i: (
                        f"2024-10-{26 + i // 24}T{i % 24:02}:00:00+02:00"
                        if i < 27
                        else f"2024-10-27T{i - 25:02}:00:00+01:00"
                    ),
                    "sold": lambda i: i,
                },
                rows=47,
            ),
            "sold",
        ),
        task="forecasting",
        samples=47,
        check=lambda d: d.train.x.tolist() == sorted(d.train.x.tolist()),
    ),
    Row(
        "a time twice",
        suffixed(
            csv({"day": lambda i: day(i - (i > 30)), "sold": sold}, rows=60), "sold"
        ),
        refused="leave one of the rows out, or name the column that tells several",
    ),
    Row(
        "years and months in two columns",
        suffixed(
            csv(
                {
                    "year": lambda i: 2020 - i // 12,
                    "month": lambda i: 12 - i % 12,
                    "sold": lambda i: 59 - i,
                },
                rows=60,
            ),
            "sold",
        ),
        task="forecasting",
        samples=60,
        finds=("newest_first",),
        check=lambda d: d.train.x[0] == 0 and d.test.x[-1] == 59,
    ),
    Row(
        "a name with a colon",
        suffixed(csv({"day": day, "temp: max": sold}, rows=60), "temp: max"),
        task="forecasting",
        samples=60,
    ),
    Row(
        "a column of a .tsv file",
        suffixed(
            csv({"day": day, "sold": sold}, name="t.tsv", separator="\t", rows=60),
            "sold",
        ),
        task="forecasting",
        samples=60,
    ),
    Row(
        "days and months that could be either",
        suffixed(
            csv(
                {
                    "day": lambda i: f"01/{1 + i % 12:02}/{2019 + i // 12}",
                    "sold": sold,
                },
                rows=60,
            ),
            "sold",
        ),
        task="forecasting",
        samples=60,
        finds=("ambiguous_dates", "irregular_times"),
    ),
    Row(
        "quarters, the newest first",
        suffixed(
            csv(
                {
                    "when": lambda i: f"{2000 - i // 4}Q{4 - i % 4}",
                    "sold": lambda i: 59 - i,
                },
                rows=60,
            ),
            "sold",
        ),
        task="forecasting",
        samples=60,
        finds=("newest_first",),
        check=lambda d: d.train.x[0] == 0 and d.test.x[-1] == 59,
    ),
    Row(
        "letters of a time zone",
        suffixed(
            csv(
                {
                    "time": lambda i: f"2024-06-{i // 24 + 1:02} {i % 24:02}:00 CEST",
                    "sold": sold,
                },
                rows=60,
            ),
            "sold",
        ),
        refused="as CEST, and such abbreviations stand for several; write how far it "
        "is from UTC, as in 2024-12-31T12:00-07:00.",
    ),
    Row(
        "times that nobody reads",
        suffixed(
            csv({"time": lambda i: f"t{i}", "sold": sold}, rows=60),
            "sold",
        ),
        task="forecasting",
        samples=60,
        finds=("unread_times",),
    ),
    Row(
        "a constant",
        suffixed(csv({"day": day, "sold": lambda i: 5}, rows=60), "sold"),
        task="forecasting",
        samples=60,
        finds=("constant",),
    ),
]
