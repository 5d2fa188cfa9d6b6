"""The municipality's own calendar and control rules, over the defaults."""

from dataclasses import fields, replace

from sqlalchemy import select

from models import Session
from models.machinery import CalendarDay, Rule
from plans.calendar import WorkingCalendar
from plans.control import ControlRules


async def calendar(session: Session) -> WorkingCalendar:
    """Give the production calendar with the overrides of this municipality."""
    days = await session.scalars(select(CalendarDay))
    return WorkingCalendar(overrides={day.day: day.working for day in days})


async def control_rules(session: Session) -> ControlRules:
    """Give the control rules; a row of ``rules`` named like a field overrides its default."""
    names = {field.name for field in fields(ControlRules)}
    rows = await session.scalars(select(Rule).where(Rule.name.in_(names)))
    return replace(ControlRules(), **{row.name: row.value["value"] for row in rows})
