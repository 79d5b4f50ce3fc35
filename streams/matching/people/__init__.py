"""The subscribers of a shard as columns: who they are, what each wishes and where it is reached."""
