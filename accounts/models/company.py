"""The one company that this installation serves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from periods import Calendar, PeriodError, PublicHolidays

currency_code = RegexValidator(
    r"^[A-Z]{3}$", _("Enter a currency as three capital letters, such as KRW.")
)

_memo: ContextVar[list[Company] | None] = ContextVar("company", default=None)


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    if name not in available_timezones():
        raise ValidationError(_("Enter a time zone such as Asia/Seoul."))


def validate_country(code: str) -> None:
    """Raise ValidationError unless the public holidays of country `code` are known."""
    try:
        PublicHolidays(code)
    except PeriodError as error:
        raise ValidationError(_("Enter a country as two letters, such as KR.")) from error


class Company(models.Model):
    """How this company counts: its money, its time zone and its fiscal year."""

    name = models.CharField(_("name"), max_length=200, default="SalesDash")
    currency = models.CharField(
        _("currency"), max_length=3, default="KRW", validators=[currency_code]
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Seoul", validators=[validate_time_zone]
    )
    fiscal_year_start = models.PositiveSmallIntegerField(
        _("fiscal year starts in month"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    country = models.CharField(
        _("country of public holidays"),
        max_length=2,
        default="KR",
        validators=[validate_country],
    )
    language = models.CharField(
        _("language of new people"),
        max_length=2,
        default="ko",
        choices=settings.LANGUAGES,
    )

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("company")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="accounts_one_company"),
            models.CheckConstraint(
                condition=models.Q(fiscal_year_start__range=(1, 12)),
                name="accounts_fiscal_year_start_is_a_month",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Company:
        """The company's row, made with the defaults when there is none yet."""
        memo = _memo.get()
        if memo is None:
            return cls._read()
        if not memo:
            memo.append(cls._read())
        return memo[0]

    @classmethod
    def _read(cls) -> Company:
        company, _created = cls.objects.get_or_create(pk=1)
        return company

    @staticmethod
    @contextmanager
    def read_once() -> Iterator[None]:
        """Within it the row is read once, however often it is asked for: for one request."""
        token = _memo.set([])
        try:
            yield
        finally:
            _memo.reset(token)

    @property
    def calendar(self) -> Calendar:
        """The one calendar that turns instants into business days and codes into periods."""
        return Calendar(
            zone=ZoneInfo(self.time_zone),
            fiscal_year_start=self.fiscal_year_start,
            is_holiday=PublicHolidays(self.country),
        )
