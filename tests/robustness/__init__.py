"""What survives: kill -9 at any moment (`python -m tests.robustness.kill --times 100`), a full disk, a lost source."""
