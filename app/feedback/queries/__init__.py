"""Every SELECT of the room: stages to look back upon, what was said, requests to talk, reliability, diaries."""
