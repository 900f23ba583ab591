"""How a run of the tests is ordered, limited in time and accounted for: plugins that tests/conftest.py registers."""
