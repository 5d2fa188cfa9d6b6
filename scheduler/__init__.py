"""Time: heartbeat, planner, courier, worker and digests."""
