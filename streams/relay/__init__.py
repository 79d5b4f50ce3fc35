"""接力推送: an association hands a policy on to its members, and sees in figures how far it came."""
