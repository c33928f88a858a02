"""Fire drills: the accounts of today through the months of a crisis, with the real machinery."""

from jeoul.operations.drill.past import CRISES, Drill, DrillDay, Message, drill

__all__ = ["CRISES", "Drill", "DrillDay", "Message", "drill"]
