"""Reading: who somebody is (`subjects`), what they asked (`requests`), what we declare (`register`)."""
