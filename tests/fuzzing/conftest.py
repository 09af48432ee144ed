"""The script that fuzzes is no module of doctests: it needs the extra `soak`."""

collect_ignore = ["run.py"]
