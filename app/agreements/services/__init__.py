"""The verbs of the agreements: preparing, and (in their own files) asking, signing, delegating, paper."""
