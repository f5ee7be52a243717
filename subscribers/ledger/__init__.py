"""The mathematics of the consent ledger: bytes in, bytes out, no database, no framework.

`entries` turns an event into the bytes that are committed to, `tree` is the Merkle tree over all
events, `notes` signs its root. The verifier (verifier/verify_ledger.py) shares no line with
them, so that a mistake in one shows in the other; tests/vectors holds both to the same bytes.
"""
