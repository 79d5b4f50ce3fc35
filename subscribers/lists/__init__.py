"""Lists of subscribers that a spreadsheet saved: its cells, its headings, and each row as an enrolment or a refusal."""
