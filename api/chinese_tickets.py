"""Simplified Chinese of tickets: their errors."""

ZH: dict[str, str] = {
    "IllegalStep": "{place}：处于 {state} 时不能执行 '{step}'；可以执行：{offered}",
    "GuardFails": "{place}：'{step}' 还不能执行：{words}",
}

TITLES: dict[str, str] = {"IllegalStep": "不允许的步骤", "GuardFails": "条件未满足"}
