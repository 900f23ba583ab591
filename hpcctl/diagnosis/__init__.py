"""What is wrong, and what to do: with this installation, with the account, with one cluster."""
