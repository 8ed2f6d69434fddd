"""The verbs of the room: asking, answering, showing, forgetting."""
