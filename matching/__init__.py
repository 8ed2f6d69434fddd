"""Matching students with internship places: affinity, exact allocation, explanation, verification."""
