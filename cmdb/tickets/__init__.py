"""Tickets by ITIL: processes as data, calendars, and the clocks of service levels; pure."""
