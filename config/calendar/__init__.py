"""Working days as the State Council arranges them, make-up days included."""

from config.calendar.override import CalendarError, load_calendar
from config.calendar.working_days import Counted, WorkingDays, YearOverride

__all__ = ["CalendarError", "Counted", "WorkingDays", "YearOverride", "load_calendar"]
