"""What the contract tests share, in the suite and against any server."""
