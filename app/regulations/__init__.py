"""The rules of law that a stage obeys, as dated data, and the pure engine that reads them."""
