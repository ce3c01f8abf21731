"""How a generation is prepared beside the published one, and becomes it in one step."""
