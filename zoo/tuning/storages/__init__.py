"""Where a study is stored: a file of SQLite, a journal file, a database server."""
