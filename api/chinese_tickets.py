"""Simplified Chinese of tickets: their errors."""

from api import chinese_configuration, chinese_ticket_ways

ZH: dict[str, str] = {
    "IllegalStep": "{place}：处于 {state} 时不能执行 '{step}'；可以执行：{offered}",
    "GuardFails": "{place}：'{step}' 还不能执行：{words}",
    **chinese_configuration.ZH,
    **chinese_ticket_ways.ZH,
}

TITLES: dict[str, str] = {
    "IllegalStep": "不允许的步骤",
    "GuardFails": "条件未满足",
    **chinese_configuration.TITLES,
    **chinese_ticket_ways.TITLES,
}

WORDS: dict[str, str] = {**chinese_configuration.WORDS, **chinese_ticket_ways.WORDS}

PHRASES: dict[str, str] = {**chinese_configuration.PHRASES, **chinese_ticket_ways.PHRASES}
