"""Who gets a policy: criteria and profiles against its labels, shard by shard."""
