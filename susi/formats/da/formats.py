"""How Django writes dates of its own accord, as in the administration: as all other pages do, 02.11.2026 kl. 14.03."""

DATE_FORMAT = SHORT_DATE_FORMAT = "d.m.Y"
TIME_FORMAT = "H.i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = r"d.m.Y \k\l. H.i"
