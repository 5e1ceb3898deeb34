"""Taking a person's name out of the spreadsheets that were taken in, when the person has left."""

from collections.abc import Collection
from typing import Any

from portfolio.models import PortfolioImport


def forget(names: Collection[str], called: str) -> None:
    """Put `called` into every cell, and every line of what was shown of it, that is one of `names` and nothing else."""
    for taken_in in PortfolioImport.objects.only("table", "plan").iterator(chunk_size=20):
        table, plan = _without(taken_in.table, names, called), _without(taken_in.plan, names, called)
        if (table, plan) != (taken_in.table, taken_in.plan):
            PortfolioImport.objects.filter(pk=taken_in.pk).update(table=table, plan=plan)


def _without(value: Any, names: Collection[str], called: str) -> Any:
    if isinstance(value, dict):
        return {key: _without(one, names, called) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, names, called) for one in value]
    return called if isinstance(value, str) and value.strip() in names else value
