-- The database's roles and the empty database. Run by a superuser through psql, as often as one likes:
-- by dev.py for the private servers, by the postgres image on its first start, by hand elsewhere.
--
--   crm_owner   owns the schema and migrates it
--   crm_web     what web, worker and beat run as; owns nothing
--   crm_guard   nobody logs in as it; owns the functions behind the triggers, which must see every row
--   crm_backup  reads everything, for pg_dump
--
-- Passwords are taken from the environment of psql when they are set there: CRM_OWNER_PASSWORD,
-- CRM_WEB_PASSWORD, CRM_BACKUP_PASSWORD. With `-v createdb=1` the owner may make test databases.

\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I', name)
  FROM unnest(ARRAY['crm_owner', 'crm_web', 'crm_guard', 'crm_backup']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE crm_owner LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS NOREPLICATION;
ALTER ROLE crm_web LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION;
ALTER ROLE crm_guard NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS NOREPLICATION;
ALTER ROLE crm_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS NOREPLICATION;

\if :{?createdb}
ALTER ROLE crm_owner CREATEDB;
\else
ALTER ROLE crm_owner NOCREATEDB;
\endif

-- Nobody waits long behind another's lock, and no forgotten transaction keeps one.
ALTER ROLE crm_web SET lock_timeout = '2s';
ALTER ROLE crm_web SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE crm_web SET timezone = 'UTC';
-- A page asks for fifty rows; compiling its plan would take longer than answering.
ALTER ROLE crm_web SET jit = off;
ALTER ROLE crm_owner SET timezone = 'UTC';

-- The owner hands functions to the guard, and tests look at the data as the web role does.
GRANT crm_guard, crm_web TO crm_owner;
GRANT pg_read_all_data TO crm_backup;

\getenv owner_password CRM_OWNER_PASSWORD
\getenv web_password CRM_WEB_PASSWORD
\getenv backup_password CRM_BACKUP_PASSWORD
\if :{?owner_password}
ALTER ROLE crm_owner PASSWORD :'owner_password';
\endif
\if :{?web_password}
ALTER ROLE crm_web PASSWORD :'web_password';
\endif
\if :{?backup_password}
ALTER ROLE crm_backup PASSWORD :'backup_password';
\endif

SELECT 'CREATE DATABASE crm' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'crm')
\gexec
ALTER DATABASE crm OWNER TO crm_owner;

-- template1 as well, so that a test database begins with the same rights as the real one.
\connect template1
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO crm_owner, crm_guard;
GRANT USAGE ON SCHEMA public TO crm_web;

\connect crm
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO crm_owner, crm_guard;
GRANT USAGE ON SCHEMA public TO crm_web;
