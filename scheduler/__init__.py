"""Time: heartbeat, ladder, planner, courier, worker and digests."""
