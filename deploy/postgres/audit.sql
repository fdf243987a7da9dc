-- Takes the right to change or remove what people did from the role that Refit logs in as. Run it once as a superuser, in the
-- database of the store, after a worker of this version has brought it to its schema:
--   psql -v ON_ERROR_STOP=1 -f deploy/postgres/audit.sql postgres://postgres@postgres.example/refit
-- Where Refit logs in under another name than refit, change it here. It may run again.
begin;

do $$ begin
  if not exists (select from pg_roles where rolname = 'refit_audit') then
    create role refit_audit nologin;
  end if;
end $$;

-- Whoever owns the database may drop what is in its schema public.
do $$ begin
  execute format('alter database %I owner to refit_audit', current_database());
  execute format('grant connect, create, temporary on database %I to refit', current_database());
end $$;
grant usage, create on schema public to refit;

alter table audit owner to refit_audit;
alter function audit_chain() owner to refit_audit;
revoke all on audit from public, refit;
grant select, insert on audit to refit;

commit;
