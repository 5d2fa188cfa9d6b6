"""What a child process that reads foreign bytes may not do. Pure; for the rooms that run in one."""
