"""What every service shares: settings, serving, channels, faults, telemetry, the supervisor and the CLI."""
