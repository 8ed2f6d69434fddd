"""Class lists as schools export them: read, cleaned, compared with what is known. Nothing here writes."""
