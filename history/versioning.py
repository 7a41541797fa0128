"""The `versioned` declaration: a version model and the trigger that fills it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import pgtrigger
from django.db import models
from django.db.models import Q

from history.models import Version, infinity

ModelT = TypeVar("ModelT", bound=models.Model)

_versions: dict[type[models.Model], type[Version]] = {}
_views: dict[type[models.Model], type[Version]] = {}


def version_model(model: type[models.Model]) -> Any:
    """The `Version` model of a versioned one. KeyError if it is not versioned.

    Untyped, since its columns are those that the declaration names.
    """
    return _views.get(model) or _versions[model]


def keeps(model: type[models.Model], field: str) -> bool:
    """Whether the past of a model's field is known."""
    version = _versions.get(model)
    return version is not None and any(f.name == field for f in version._meta.concrete_fields)


def keep_versions_in(model: type[models.Model], version: type[Version]) -> None:
    """Read the past of a model that is a view from another view, over versions."""
    _views[model] = version


def versioned_models() -> tuple[type[models.Model], ...]:
    """Every model that keeps its history."""
    return tuple(_versions)


def versioned(
    *fields: str, indexes: tuple[models.Index, ...] = ()
) -> Callable[[type[ModelT]], type[ModelT]]:
    """Keep every past state of `fields` in `<Model>Version`, written by a row trigger.

    Several changes of a row in one transaction leave one version, the last. Personal data
    must not be named: it could not be forgotten. `indexes` serve the version table.
    """

    def declare(model: type[ModelT]) -> type[ModelT]:
        version = _make_version_model(model, fields, indexes)
        _versions[model] = version
        pgtrigger.register(_trigger(model, version, fields))(model)
        return model

    return declare


def _make_version_model(
    model: type[models.Model], fields: tuple[str, ...], indexes: tuple[models.Index, ...]
) -> type[Version]:
    name = f"{model.__name__}Version"
    columns = {field: _past(_field(model, field)) for field in fields}
    row = models.ForeignKey(
        model, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="versions"
    )
    meta = type(
        "Meta",
        (),
        {
            "app_label": model._meta.app_label,
            "verbose_name": f"{model._meta.verbose_name} version",
            "constraints": _constraints(model._meta.db_table),
            "indexes": [_of_what_was_corrected(model._meta.db_table), *indexes],
        },
    )
    attributes = {"__module__": model.__module__, "Meta": meta, "row": row, **columns}
    return type(name, (Version,), attributes)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    return cast("models.Field[Any, Any]", model._meta.get_field(name))


def _past(field: models.Field[Any, Any]) -> models.Field[Any, Any]:
    """The same column for the past: nullable, without constraint, index or default."""
    if isinstance(field, models.ForeignKey):
        return models.ForeignKey(
            field.remote_field.model,
            models.DO_NOTHING,
            db_constraint=False,
            db_index=False,
            null=True,
            related_name="+",
        )
    _, _, args, kwargs = field.deconstruct()
    for name in ("unique", "db_index", "default", "db_default", "choices", "blank"):
        kwargs.pop(name, None)
    return type(field)(*args, **{**kwargs, "null": True})


def _constraints(table: str) -> list[models.BaseConstraint]:
    current = Q(recorded_to=infinity())
    return [
        models.CheckConstraint(
            condition=Q(valid_from__lt=models.F("valid_to")), name=f"{table}_version_span"
        ),
        # Serves a row's history, and at most one version of it from any instant on.
        models.UniqueConstraint(
            fields=["row", "valid_from"], condition=current, name=f"{table}_version_start"
        ),
        models.UniqueConstraint(
            fields=["row"], condition=current & Q(valid_to=infinity()), name=f"{table}_version_now"
        ),
    ]


def _of_what_was_corrected(table: str) -> models.Index:
    """Serves what was held true of a row, before a correction."""
    return models.Index(
        fields=["row"], condition=Q(recorded_to__lt=infinity()), name=f"{table}_was"
    )


def _trigger(
    model: type[models.Model], version: type[Version], fields: tuple[str, ...]
) -> pgtrigger.Trigger:
    columns = [f'"{_field(model, field).column}"' for field in fields]
    names = {
        "table": version._meta.db_table,
        "pk": model._meta.pk.column,
        "columns": ", ".join(columns),
        "new": ", ".join(f"NEW.{column}" for column in columns),
        "old": ", ".join(f"OLD.{column}" for column in columns),
        "replace": ", ".join(f"{column} = state.{column}" for column in columns),
        "state": ", ".join(f"state.{column}" for column in columns),
    }
    return pgtrigger.Trigger(
        name="keep_history",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[
            ("state", f"{model._meta.db_table}%ROWTYPE"),
            ("present", f"{version._meta.db_table}%ROWTYPE"),
            ("moment", "timestamptz"),
            ("actor", "bigint"),
            ("this_transaction", "bigint"),
        ],
        func=_TRIGGER_BODY.format(**names),
    )


# A transaction that began before the present version was written is stamped with the clock,
# so that a late commit never needs to fail for lack of room between two versions.
_TRIGGER_BODY = """
IF TG_OP = 'UPDATE' AND ROW({old}) IS NOT DISTINCT FROM ROW({new}) THEN
    RETURN NULL;
END IF;
IF TG_OP = 'DELETE' THEN state := OLD; ELSE state := NEW; END IF;
moment := COALESCE(NULLIF(current_setting('salesdash.moment', true), '')::timestamptz, now());
actor := NULLIF(current_setting('salesdash.actor', true), '')::bigint;
this_transaction := pg_current_xact_id()::text::bigint;
SELECT * INTO present FROM {table}
    WHERE row_id = state.{pk} AND valid_to = 'infinity' AND recorded_to = 'infinity';
IF FOUND AND present.valid_from >= moment THEN
    IF present.transaction = this_transaction THEN
        UPDATE {table} SET {replace}, deleted = (TG_OP = 'DELETE'), changed_by = actor
            WHERE id = present.id;
        RETURN NULL;
    END IF;
    moment := GREATEST(clock_timestamp(), present.valid_from + interval '1 microsecond');
END IF;
UPDATE {table} SET valid_to = moment WHERE id = present.id;
INSERT INTO {table} (row_id, valid_from, recorded_from, deleted, changed_by, transaction, {columns})
    VALUES (state.{pk}, moment, moment, TG_OP = 'DELETE', actor, this_transaction, {state});
RETURN NULL;
"""
