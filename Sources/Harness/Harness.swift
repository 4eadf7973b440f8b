// The harness: see docs/architecture.md.
