"""Sheets of Excel workbooks, .xlsx and .xls: those that are not hidden, each with what reads its rows."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import partial
from typing import Any

import openpyxl
import xlrd
from flask_babel import gettext as _

from app.kernel.cells import MAX_CELL, MAX_COLUMNS, Cell, Formula, Sheets, Unreadable


def xlsx(data: bytes) -> Sheets:
    """The sheets of an .xlsx workbook. Raises `Unreadable`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl mentions styles and extensions that it leaves aside
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            sheets = [(sheet.title, sheet.sheet_state == "visible", sheet) for sheet in book.worksheets]
    except Exception as error:  # openpyxl lets any kind out of a damaged file
        raise Unreadable(
            _("Ce classeur Excel ne s’ouvre pas. Enregistrez-le à nouveau, ou exportez en CSV.")
        ) from error
    if not sheets:
        raise Unreadable(_("Ce classeur Excel n’a aucune feuille."))
    return [(str(title), partial(_xlsx_rows, sheet)) for title, sheet in _shown(sheets)]


def xls(data: bytes) -> Sheets:
    """The sheets of an .xls workbook. Raises `Unreadable`."""
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), ragged_rows=True)
        sheets = [(sheet.name, sheet.visibility == 0, sheet) for sheet in book.sheets()]
    except Exception as error:  # xlrd lets any kind out of a damaged file
        if "EncryptedPackage".encode("utf-16-le") in data or "encrypted" in str(error):
            raise Unreadable(
                _("Ce classeur est protégé par un mot de passe. Enlevez-le avant de l’envoyer.")
            ) from error
        raise Unreadable(_("Ce classeur Excel ne s’ouvre pas. Enregistrez-le en .xlsx, ou exportez en CSV.")) from error
    if not sheets:
        raise Unreadable(_("Ce classeur Excel n’a aucune feuille."))
    return [(str(title), partial(_xls_rows, sheet, book.datemode)) for title, sheet in _shown(sheets)]


def _shown(sheets: list[tuple[str, bool, Any]]) -> list[tuple[str, Any]]:
    """The sheets that are not hidden; all of them when all are."""
    return [(title, sheet) for title, shown, sheet in sheets if shown] or [
        (title, sheet) for title, _s, sheet in sheets
    ]


def _xlsx_rows(sheet: Any) -> Iterator[tuple[int, list[Cell]]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheet.reset_dimensions()
            for line, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
                values = [_xlsx_value(cell) for cell in cells]
                if any(value not in (None, "") for value in values):
                    yield line, values
    except Exception as error:  # openpyxl lets any kind out of a damaged sheet
        raise Unreadable(
            _("Une feuille de ce classeur est abîmée. Enregistrez-le à nouveau, ou exportez en CSV.")
        ) from error


def _xlsx_value(cell: object) -> Cell:
    value = getattr(cell, "value", None)
    if getattr(cell, "data_type", "") == "f":
        return Formula(str(value)[:MAX_CELL])
    if value is None or isinstance(value, str | int | float | datetime | date | time | bool):
        return value
    return str(value)


def _xls_rows(sheet: xlrd.sheet.Sheet, datemode: int) -> Iterator[tuple[int, list[Cell]]]:
    for row in range(sheet.nrows):
        values = [_xls_value(cell, datemode) for cell in sheet.row(row)]
        if any(value not in (None, "") for value in values):
            yield row + 1, values


def _xls_value(cell: xlrd.sheet.Cell, datemode: int) -> Cell:
    value: str | float = cell.value
    if cell.ctype == xlrd.XL_CELL_DATE and isinstance(value, float):
        try:
            return xlrd.xldate_as_datetime(value, 1 if datemode else 0) if value >= 1 else value
        except (ValueError, OverflowError, xlrd.xldate.XLDateError):
            return value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if cell.ctype in (xlrd.XL_CELL_ERROR, xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    return value
