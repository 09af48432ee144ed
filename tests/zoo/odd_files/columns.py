"""What the columns of tables hold."""

import numpy as np

from tests.zoo.odd_files.making import (
    CLASSES,
    MATRIX,
    N,
    Row,
    csv,
    day,
    file,
    noise,
    plain,
    table,
)


def values_of(data, place):
    """A column in all splits."""
    return np.concatenate([split.x[:, place] for split in data.splits.values()])


JUNE = (19875 + 1 / 48, 19876 + 31 / 48)  # the first and last half past, in days

COLUMNS = [
    Row(
        "R's row names",
        file(
            "t.csv",
            "p,q,label\n"
            + "".join(
                f"{i + 1},{noise(i)},{noise(i + 50)},{'ab'[i % 2]}\n" for i in range(N)
            ),
        ),
        **CLASSES,
        shape=(3,),
        finds=("row_number",),
    ),
    Row(
        "sample weights",
        csv(plain(sample_weight=lambda i: 1 + i % 3)),
        **CLASSES,
        shape=(3,),
        finds=("sample_weights",),
    ),
    Row(
        "weights that are measured",
        csv(plain(weight=lambda i: 1 + i % 3)),
        **CLASSES,
        shape=(3,),
    ),
    Row(
        "Unnamed: 0",
        csv({"Unnamed: 0": lambda i: i, **plain()}),
        **CLASSES,
        shape=(3,),
        finds=("row_number",),
    ),
    Row(
        "row numbers left out",
        csv({"Unnamed: 0": lambda i: i, **plain()}),
        **CLASSES,
        shape=MATRIX,
        reading={"ignore": "Unnamed: 0"},
    ),
    Row(
        "identifiers",
        csv({"id": lambda i: 7919 * (i + 3) % 9973, **plain()}),
        **CLASSES,
        finds=("identifier",),
    ),
    Row(
        "a constant", csv({"c": lambda i: 7, **plain()}), **CLASSES, finds=("constant",)
    ),
    Row(
        "an empty column",
        csv({"c": lambda i: "", **plain()}),
        **CLASSES,
        shape=MATRIX,
        finds=("empty",),
    ),
    Row(
        "decimal commas",
        file("t.csv", table(plain(), separator=";").replace(".", ",")),
        **CLASSES,
        shape=MATRIX,
        finds=("decimal_commas",),
        check=lambda d: abs(d.train.x).max() <= 1,
    ),
    Row("thousands", csv(plain(n=lambda i: f'"1,{100 + i}"')), refused="'n'"),
    Row(
        "an error among numbers",
        csv(plain(n=lambda i: "12x" if i == 5 else i * i)),
        refused="line 7, column 'n': '12x' is not a number",
    ),
    Row(
        "missing values",
        csv(plain(n=lambda i: "" if i % 9 == 0 else i * i)),
        **CLASSES,
        shape=(3,),
        check=lambda d: (
            np.isnan(np.concatenate([s.x for s in d.splits.values()])).sum() == 5
        ),
    ),
    Row(
        "missing values of many spellings",
        csv(plain(n=lambda i: ("NA", "nan", "?", "null", "")[i] if i < 5 else i * i)),
        **CLASSES,
        shape=(3,),
    ),
    Row(
        "categories",
        csv(plain(sex=lambda i: ("f", "m")[i // 2 % 2])),
        **CLASSES,
        shape=(3,),
        check=lambda d: d.columns[2].categories == ("f", "m"),
    ),
    Row(
        "booleans",
        csv(plain(old=lambda i: ("no", "yes")[i // 2 % 2])),
        **CLASSES,
        shape=(3,),
        check=lambda d: d.columns[2].kind == "boolean",
    ),
    Row(
        "dates",
        csv(plain(day=day)),
        **CLASSES,
        shape=(3,),
        check=lambda d: d.columns[2].kind == "date",
    ),
    Row(
        "German dates",
        csv(plain(day=lambda i: f"{1 + i % 28:02d}.{1 + i // 28:02d}.2024")),
        **CLASSES,
        shape=(3,),
        check=lambda d: d.columns[2].kind == "date",
    ),
    Row(
        "names of rows",
        csv({"name": lambda i: f"Mr. {noise(i)} {i}", **plain()}),
        refused="--ignore name",
    ),
    Row(
        "Unix times",
        csv(plain(time=lambda i: 1700000000 + i * 60)),
        refused="--ignore time",
    ),
    Row(
        "ids of 1e18",
        csv(plain(time=lambda i: 10**18 + i * 7)),
        refused="--ignore time",
    ),
    Row(
        "beyond float32",
        csv(plain(n=lambda i: "1e300" if i == 3 else i)),
        refused="beyond float32",
    ),
    Row("infinity", csv(plain(n=lambda i: "inf" if i == 3 else i)), refused="'n'"),
    Row(
        "-999 for missing",
        csv(plain(n=lambda i: -999 if i % 9 == 0 else noise(i))),
        **CLASSES,
        shape=(3,),
        finds=("placeholder",),
    ),
    Row(
        "per cent",
        csv(plain(share=lambda i: f"{i * 2.5} %")),
        **CLASSES,
        shape=(3,),
        finds=("percent",),
        check=lambda d: values_of(d, 2).max() == 97.5 and d.columns[2].is_percent,
    ),
    Row(
        "per cent with decimal commas",
        csv(plain(share=lambda i: f"{i},5%"), separator=";"),
        **CLASSES,
        finds=("percent", "decimal_commas"),
        check=lambda d: values_of(d, 2).max() == 39.5,
    ),
    Row(
        "per cent and fractions",
        csv(plain(share=lambda i: f"{i}%" if i % 2 else f"{i / 100}")),
        refused="line 3, column 'share': '1%' is per cent, and others are not",
    ),
    Row(
        "points of thousands beside decimal commas",
        csv(
            {
                "price": lambda i: f"{i},5",
                "area": lambda i: f"{i + 1}.{i:03}",
                "label": lambda i: "ab"[i % 2],
            },
            separator=";",
        ),
        **CLASSES,
        finds=("decimal_commas", "points_of_thousands"),
        check=lambda d: values_of(d, 1).max() == 40039,
    ),
    Row(
        "points of thousands in a column of decimal commas",
        csv(
            plain(n=lambda i: "2.500" if i == 7 else f"1.{i:03},5"),
            separator=";",
        ),
        **CLASSES,
        finds=("decimal_commas",),
        check=lambda d: values_of(d, 2).max() == 2500,
    ),
    Row(
        "points of both kinds among decimal commas",
        csv(
            plain(n=lambda i: "2.5" if i == 7 else f"1.{i:03},5"),
            separator=";",
        ),
        refused="column 'n'",
    ),
    Row(
        "points of thousands perhaps",
        csv(plain(n=lambda i: f"{i}.{i:03}" if i > 9 else i), separator=";"),
        **CLASSES,
        finds=("points",),
        check=lambda d: values_of(d, 2).max() < 40,
    ),
    Row(
        "commas of thousands in some cells",
        csv(plain(n=lambda i: f'"{i},{i:03}"' if i > 9 else i * 7)),
        refused="line 12, column 'n': '10,010' may be thousands or have a decimal",
    ),
    Row(
        "dashes and None for missing numbers",
        csv(plain(n=lambda i: ("-", "None", "n.a.")[i] if i < 3 else i * 1.5)),
        **CLASSES,
        shape=(3,),
        finds=("missing_values",),
        check=lambda d: np.isnan(values_of(d, 2)).sum() == 3,
    ),
    Row(
        "none beside few whole numbers",
        csv(plain(n=lambda i: ("none", 1, 2)[i % 3])),
        refused="'none' is not a number, nor are 13 more such cells",
    ),
    Row(
        "addresses of computers",
        csv(plain(host=lambda i: f"10.0.0.{i // 2 % 4}")),
        **CLASSES,
        check=lambda d: d.columns[2].kind == "category",
    ),
    Row(
        "days and months that could be either",
        csv(plain(day=lambda i: f"{1 + i % 12:02}/{1 + i * 5 % 12:02}/2024")),
        **CLASSES,
        finds=("ambiguous_dates",),
    ),
    Row(
        "days that must be days",
        csv(plain(day=lambda i: f"{1 + i % 28:02}/03/2024")),
        **CLASSES,
        check=lambda d: d.columns[2].date_format == "%d/%m/%Y",
    ),
    Row(
        "dates in two forms",
        csv(plain(day=lambda i: day(i) if i % 4 else f"{1 + i // 4:02}.01.2024")),
        refused="line 2, column 'day': '01.01.2024' is no date as the others are, such",
    ),
    Row(
        "a date that is none",
        csv(plain(day=lambda i: "unknown" if i == 9 else day(i))),
        refused="line 11, column 'day': 'unknown' is no date as the others are",
    ),
    Row(
        "hundreds of constants",
        csv({**{f"c{j}": lambda i: 0 for j in range(200)}, **plain()}),
        **CLASSES,
        finds=("constant",),
        check=lambda d: all(len(str(each)) < 500 for each in d.findings),
    ),
    Row(
        "a copy of the label",
        csv(plain(label_id=lambda i: i % 2)),
        **CLASSES,
        finds=("leak",),
    ),
    Row(
        "a part of the label",
        csv(plain(code=lambda i: f"{'ab'[i % 2]}{i % 4}")),
        **CLASSES,
        finds=("leak",),
    ),
    Row(
        "the target in another unit",
        csv(
            {
                "p": noise,
                "metres": lambda i: f"{i * 1.37:.2f}",
                "feet": lambda i: f"{i * 1.37 * 3.28:.6f}",
                "price": lambda i: f"{i * 1.37 * 10 + 3:.1f}",
            }
        ),
        task="regression",
        finds=("leak",),
        check=lambda d: "'metres'" in str(d.findings[-1]),
    ),
    Row(
        "several rows of each patient",
        csv(plain(patient_id=lambda i: f"{i // 4 + 100}")),
        **CLASSES,
        finds=("groups",),
        check=lambda d: "--group patient_id" in str(d.findings[-1]),
    ),
    Row(
        "patients by group",
        csv(plain(patient_id=lambda i: f"{i // 4 + 100}")),
        task="classification",
        reading={"group": "patient_id"},
        shape=MATRIX,
    ),
    Row(
        "thousands between apostrophes",
        csv(plain(n=lambda i: f"{i + 1}'{i:03}")),
        refused="line 2, column 'n': \"1'000\" is not a number",
    ),
    Row(
        "points beside decimal commas in one column",
        csv(plain(n=lambda i: "2.500" if i % 2 else f"{i},5"), separator=";"),
        **CLASSES,
        finds=("decimal_commas", "points_of_thousands"),
    ),
    Row(
        "days as Excel counts them",
        csv({"Date": lambda i: 44197 + i, **plain()}),
        **CLASSES,
        finds=("days_of_excel",),
    ),
    Row(
        "days of a week",
        csv({"day": lambda i: i % 7, **plain()}),
        **CLASSES,
        shape=(3,),
    ),
    *(
        Row(
            f"dates as {form(5)}",
            csv({"when": lambda i, form=form: form(i), **plain()}),
            **CLASSES,
            shape=(3,),
            finds=("dates",),
            check=lambda d, days=days: np.allclose(
                np.sort(values_of(d, 0))[[0, -1]], days, atol=1e-3
            ),
        )
        for form, days in (
            (lambda i: f"{1970 + i // 4}Q{i % 4 + 1}", (0, 3560)),
            (lambda i: f"{1970 + i // 4}-q{i % 4 + 1}", (0, 3560)),
            (lambda i: f"Q{i % 4 + 1} {1970 + i // 4}", (0, 3560)),
            (lambda i: f"{1970 + i // 12}M{i % 12 + 1:02}", (0, 1186)),
            (lambda i: f"2024-W{i + 1:02}", (19723, 19996)),
            (lambda i: f"2024-06-{i // 24 + 1:02} {i % 24:02}:30:00 UTC", JUNE),
            (lambda i: f"202406{i // 24 + 1:02}T{i % 24:02}3000", JUNE),
        )
    ),
    Row(
        "dates as Jan-90",
        csv(plain(month=lambda i: f"{('Jan', 'Apr')[i % 2]}-{70 + i // 2}")),
        **CLASSES,
        shape=(3,),
        finds=("dates",),
        check=lambda d: values_of(d, 2).max() == 7030,
    ),
    Row(
        "times of a web server",
        csv(plain(time=lambda i: f"{i % 28 + 1:02}/Mar/2024:13:{i:02}:09")),
        **CLASSES,
        shape=(3,),
        finds=("dates",),
    ),
    Row(
        "times of letters",
        csv(plain(date=lambda i: f'"Mon, {i % 28 + 1:02} Jan 2024 10:{i:02} +0100"')),
        refused="'date' is called a time, and 'Mon, 01 Jan 2024 10:00 +0100' is none "
        "in a form that is read; write it as 2024-12-31T12:00:00, or --ignore date",
    ),
    Row(
        "a currency",
        csv(plain(price=lambda i: f'"${i + 1},100.50"')),
        refused="'$1,100.50' is not a number; write numbers alone, with a decimal "
        "point, leave the row out, or --ignore price",
    ),
    Row(
        "letters of a time zone",
        csv(plain(time=lambda i: f"2024-06-{i // 24 + 1:02} {i % 24:02}:00:00 PDT")),
        refused="times of 'time' such as '2024-06-01 00:00:00 PDT' have a time zone as "
        "PDT, and such abbreviations stand for several; write how far it is from UTC",
    ),
    Row(
        "times of Twitter",
        csv(plain(date=lambda i: f"Mon Apr 06 {i % 24:02}:19:{i:02} PDT 2009")),
        refused="have a time zone as PDT",
    ),
    Row(
        "births in years of two digits",
        csv(plain(born=lambda i: f"12/{i % 28 + 1}/{59 + i}")),
        **CLASSES,
        shape=(3,),
        finds=("two_digit_years",),
    ),
    Row(
        "dates as Jan-1-1995",
        csv(
            {
                "when": lambda i: f"{('Jan', 'Feb')[i // 28]}-{i % 28 + 1}-1995",
                **plain(),
            }
        ),
        **CLASSES,
        finds=("dates",),
    ),
]
