"""The plug: settings, clock, wiring, intake, sender, children and the command line."""
