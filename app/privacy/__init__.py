"""What we know of people, what the law says of it, what they ask, and how they are forgotten."""
