"""What Meta accepts and what it refuses, with which code. Pure: no network, no clock."""
