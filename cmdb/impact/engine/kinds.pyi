from typing import Any

class Kinds:
    def __init__(
        self,
        arc: Any,
        group: Any,
        numerator: Any,
        denominator: Any,
        type_order: Any,
        group_order: Any,
    ) -> None: ...
