-- The two roles of the product. Run as a superuser in template1, so that every database made later carries the
-- default privileges. Passwords are set by whoever runs this file: the embedded server, or init.sh in a container.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'migrator') THEN CREATE ROLE migrator; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN CREATE ROLE app; END IF;
END
$$;

-- Owns the database and the schema. BYPASSRLS, because a data migration must see every row.
ALTER ROLE migrator LOGIN NOSUPERUSER CREATEDB NOCREATEROLE BYPASSRLS;

-- Web, workers and tests. Owns nothing, bypasses nothing; no TRUNCATE, since it ignores row-level security.
ALTER ROLE app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
-- The policies make statements look dearer than they are: compiling one would take longer than to run it.
ALTER ROLE app SET jit = off;
ALTER DEFAULT PRIVILEGES FOR ROLE migrator GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE migrator GRANT USAGE, SELECT ON SEQUENCES TO app;
