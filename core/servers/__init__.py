"""The private servers of one machine: PostgreSQL, Valkey, web, worker and clock under one supervisor."""
