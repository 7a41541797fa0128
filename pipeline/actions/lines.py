"""What a deal sells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from pipeline.actions.changing import changing, locked, save
from pipeline.models import Deal, DealLine, Product


@dataclass(frozen=True)
class Line:
    """So much of a product, for so much in the deal's currency (None: not known)."""

    product: Product
    quantity: Decimal = Decimal(1)
    amount: Decimal | None = None


def set_lines(*, deal: Deal, by: User, revision: int, lines: Iterable[Line]) -> Deal:
    """Make these a deal's product lines; the deal's own amount stays as it is.

    ValidationError if a product is named twice. Stale if the deal changed since `revision`.
    """
    wanted = list(lines)
    by_product = {line.product.pk: line for line in wanted}
    if len(by_product) < len(wanted):
        raise ValidationError({"lines": _("Name each product once.")})
    with changing(by=by):
        current = locked(deal, revision=revision)
        known = {line.product_id: line for line in current.lines.all()}
        current.lines.exclude(product__in=by_product).delete()
        for line in wanted:
            _write(known.get(line.product.pk) or DealLine(deal=current), line)
        return save(current)


def _write(row: DealLine, line: Line) -> None:
    row.product, row.quantity, row.amount = line.product, line.quantity, line.amount
    row.full_clean()
    row.save()
