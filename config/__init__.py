"""What every room stands on: settings, clock, logging, metrics, the record's tables, taxonomies."""
