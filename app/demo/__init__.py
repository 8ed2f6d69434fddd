"""The demo territory: real communes and collèges as facts, everybody else invented. Loaded by `flask demo load`."""
