"""Taking initiatives in from a spreadsheet: read the file, show what it would do, do it as one, take it back as one.

`reading` gives a `Table` of cells, whatever the file is; `planning` says what each row would create, change or is
refused for; `carrying_out` does what was shown, and `taking_back` undoes it.
"""
