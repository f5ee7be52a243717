"""What an auditor takes along; see verify_ledger.py."""
