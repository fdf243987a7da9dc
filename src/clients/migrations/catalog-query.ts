/** Names as people write them: without the schema where it is public. */
const named = (schema: string, name: string): string =>
  `case when ${schema} = 'public' then ${name} else ${schema} || '.' || ${name} end`

const ours = (schema: string): string => `${schema} !~ '^pg_' and ${schema} not in ('information_schema', 'refit')`
/** Refit's lists of what it applied, with their indexes and sequences: they come and go with its runs. */
const notRefits = (name: string): string => `${name} !~ '^refit_[a-z0-9_]*_[0-9a-f]{8}_'`
/** What an extension made comes and goes with it. */
const own = (catalog: string, oid: string): string =>
  `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`

/**
 * Every object of the user's schemas: kind, name, the table that it belongs to, the columns that it is about, and its
 * text. Positions of columns, owners, grants and statistics are left out: they differ after a restore and change nothing
 * for code.
 */
export const itemsQuery = `
with rel as (
  select c.*, n.nspname, ${named('n.nspname', 'c.relname')} as named
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where ${ours('n.nspname')} and ${own('pg_class', 'c.oid')} and ${notRefits('c.relname')}
)
select 'schema' as kind, nspname as name, null as "table", null::text[] as columns, '' as text
from pg_namespace where ${ours('nspname')} and ${own('pg_namespace', 'oid')}
union all
select 'table', named, null, null, concat_ws(' ', relkind::text, relpersistence::text, case when relrowsecurity then 'rls' end,
  pg_get_partkeydef(oid), array_to_string(reloptions, ','))
from rel where relkind in ('r', 'p', 'f')
union all
select 'partition', c.named, p.named, null, coalesce(pg_get_expr(c.relpartbound, c.oid), '')
from pg_inherits i join rel c on c.oid = i.inhrelid join rel p on p.oid = i.inhparent where p.relkind in ('r', 'p')
union all
select 'column', rel.named || '.' || a.attname, rel.named, array[a.attname::text], format_type(a.atttypid, a.atttypmod)
  || case when co.collname is not null and a.attcollation <> t.typcollation then ' collate ' || co.collname else '' end
  || ' |' || case when a.attnotnull then ' not null' else '' end
  || case when a.attidentity::text <> '' then ' identity ' || a.attidentity::text else '' end
  || case when a.attgenerated::text <> '' then ' generated ' || a.attgenerated::text || ' as ' || pg_get_expr(d.adbin, d.adrelid)
     when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end
from rel join pg_attribute a on a.attrelid = rel.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_collation co on co.oid = a.attcollation
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where rel.relkind in ('r', 'p', 'f')
union all
select 'constraint', k.conname, rel.named,
  (select array_agg(a.attname::text order by a.attnum) from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)),
  pg_get_constraintdef(k.oid)
from pg_constraint k join rel on rel.oid = k.conrelid where k.contype <> 'n' or not k.convalidated
union all
select 'index', i.named, t.named,
  (select array_agg(a.attname::text order by a.attnum) from pg_attribute a where a.attrelid = x.indrelid and a.attnum = any (x.indkey)),
  pg_get_indexdef(i.oid) || case when x.indisvalid then '' else ' invalid' end
from pg_index x join rel i on i.oid = x.indexrelid join rel t on t.oid = x.indrelid
union all
select 'trigger', g.tgname, rel.named, null, pg_get_triggerdef(g.oid) || ' ' || g.tgenabled::text
from pg_trigger g join rel on rel.oid = g.tgrelid where not g.tgisinternal
union all
select 'policy', p.polname, rel.named, null, concat_ws(' ', p.polcmd::text, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
from pg_policy p join rel on rel.oid = p.polrelid
union all
select 'view', named, null, null, relkind::text || ' ' || pg_get_viewdef(oid) from rel where relkind in ('v', 'm')
union all
select 'sequence', rel.named, null, null, concat_ws(' ', format_type(s.seqtypid, null), s.seqincrement, s.seqmin, s.seqmax, s.seqcycle)
from pg_sequence s join rel on rel.oid = s.seqrelid
union all
select 'function', ${named('n.nspname', 'p.proname')} || '(' || pg_get_function_identity_arguments(p.oid) || ')', null, null,
  concat_ws(' ', p.prokind::text, pg_get_function_result(p.oid), p.provolatile::text, md5(coalesce(p.prosrc, '') || coalesce(p.probin, '')))
from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ours('n.nspname')} and ${own('pg_proc', 'p.oid')}
union all
select case t.typtype when 'e' then 'enum' else 'domain' end, ${named('n.nspname', 't.typname')}, null, null,
  case t.typtype when 'e' then (select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)
  else format_type(t.typbasetype, t.typtypmod) || case when t.typnotnull then ' not null' else '' end || coalesce(' default ' || t.typdefault, '')
    || coalesce((select ' ' || string_agg(pg_get_constraintdef(k.oid), ' ' order by k.conname) from pg_constraint k where k.contypid = t.oid and k.contype = 'c'), '') end
from pg_type t join pg_namespace n on n.oid = t.typnamespace
where t.typtype in ('e', 'd') and ${ours('n.nspname')} and ${own('pg_type', 't.oid')}
union all
select 'extension', extname, null, null, extversion from pg_extension where extname <> 'plpgsql'`

/**
 * Tables and indexes with their files, and how often each was read from one end to the other since the statistics of
 * this session were last sent: within one transaction two readings tell what came between.
 */
export const relationsQuery = `
select c.oid::int8::text as oid, c.relkind as kind, ${named('n.nspname', 'c.relname')} as name,
  (select ${named('tn.nspname', 't.relname')} from pg_index x join pg_class t on t.oid = x.indrelid
   join pg_namespace tn on tn.oid = t.relnamespace where x.indexrelid = c.oid) as "table",
  pg_relation_filenode(c.oid)::int8::text as file, pg_stat_get_xact_numscans(c.oid)::int as scans
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm', 'i', 'I') and c.relpersistence <> 't' and ${ours('n.nspname')}`

/** The table locks of a session. */
export const locksQuery = `
select l.relation::int8::text as oid, replace(l.mode, 'Lock', '') as mode, l.granted
from pg_locks l where l.pid = $1 and l.locktype = 'relation'
  and l.database = (select oid from pg_database where datname = current_database())`
