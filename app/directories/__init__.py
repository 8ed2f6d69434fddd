"""Official files (schools, communes, structures of the ESS, ROME 4.0) read into the platform."""
