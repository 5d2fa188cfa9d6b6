"""The plan as JSON and back: the form of ``plan read --json``, and of what a child process answers."""

from datetime import date
from types import MappingProxyType
from typing import Any

from plans.deadline_json import deadline_from_json, deadline_to_json
from plans.plan import (
    Amendment,
    Change,
    ChangeOp,
    Comparison,
    Document,
    Plan,
    Remark,
    RemarkCode,
    Row,
    Target,
)

Json = dict[str, Any]


def plan_to_json(plan: Plan, *, whole: bool = False) -> Json:
    """Give a plan in its JSON form; null where the order does not say.

    ``whole`` adds what the public form leaves out: who controls that the order is carried out.
    """
    more = {"controller": plan.document.controller} if whole else {}
    return {
        "document": _document_to_json(plan.document) | more,
        "rows": [row_to_json(row) for row in plan.rows],
        "duties": [row_to_json(row) for row in plan.duties],
        "amends": amendment_to_json(plan.amends) if plan.amends else None,
        "remarks": [
            {"row": remark.row, "code": remark.code.value, "facts": dict(remark.facts)}
            for remark in plan.remarks
        ],
    }


def plan_from_json(found: Json) -> Plan:
    """Read a plan back from its JSON form."""
    return Plan(
        _document_from_json(found["document"]),
        tuple(row_from_json(row) for row in found["rows"]),
        tuple(row_from_json(row) for row in found["duties"]),
        amendment_from_json(found["amends"]) if found["amends"] else None,
        tuple(
            Remark(remark["row"], RemarkCode(remark["code"]), MappingProxyType(remark["facts"]))
            for remark in found["remarks"]
        ),
    )


def _document_to_json(head: Document) -> Json:
    period = [_iso(head.period_start), _iso(head.period_end)]
    return {
        "title": head.title,
        "issuer": head.issuer,
        "number": head.number,
        "date": _iso(head.date),
        "period": period if any(period) else None,
        "region_timezone": head.region_timezone,
        "abbreviations": dict(head.abbreviations) or None,
    }


def _document_from_json(found: Json) -> Document:
    start, end = found.get("period") or (None, None)
    return Document(
        found["title"],
        found["issuer"],
        found["number"],
        _day(found["date"]),
        _day(start),
        _day(end),
        found.get("region_timezone"),
        MappingProxyType(found.get("abbreviations") or {}),
        found.get("controller"),
    )


def row_to_json(row: Row) -> Json:
    """Give a row; ``notes`` (columns of the order's own) only where there are some."""
    return {
        "number": row.number,
        "section": row.section,
        "title": row.title,
        "deadline_text": row.deadline_text,
        "deadline": [deadline_to_json(deadline) for deadline in row.deadlines],
        "responsible": list(row.responsible),
        "responsible_text": row.responsible_text,
        "expected_result": row.expected_result,
        "targets": [
            {"op": target.op.value, "value": target.value, "unit": target.unit, "of": target.of}
            for target in row.targets
        ],
    } | ({"notes": dict(row.notes)} if row.notes else {})


def row_from_json(found: Json) -> Row:
    """Read a row back from its JSON form."""
    return Row(
        found["number"],
        found["section"],
        found["title"],
        found["deadline_text"],
        tuple(deadline_from_json(deadline) for deadline in found["deadline"]),
        tuple(found["responsible"]),
        found["responsible_text"],
        found["expected_result"],
        tuple(
            Target(Comparison(target["op"]), target["value"], target["unit"], target["of"])
            for target in found["targets"]
        ),
        MappingProxyType(found.get("notes") or {}),
    )


def amendment_to_json(amendment: Amendment) -> Json:
    """Give what an amending order says it amends, and how."""
    head = amendment.document
    return {
        "document": {
            "issuer": head.issuer,
            "number": head.number,
            "date": _iso(head.date),
            "title": head.title,
        },
        "changes": [
            {"op": change.op.value, "number": change.number}
            | ({"after": change.after} if change.after else {})
            for change in amendment.changes
        ],
    }


def amendment_from_json(found: Json) -> Amendment:
    """Read an amendment back from its JSON form."""
    head = found["document"]
    return Amendment(
        Document(head["title"], head["issuer"], head["number"], _day(head["date"])),
        tuple(
            Change(ChangeOp(change["op"]), change["number"], change.get("after"))
            for change in found["changes"]
        ),
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None
