import type { Node } from 'libpg-query'
import { as, texts, walk } from './tree'

/** `unknown`: a function that isn't in these lists, so only the catalog can tell. */
export type Volatility = 'constant' | 'volatile' | 'unknown'

const volatile = new Set(
  `random random_normal gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 clock_timestamp
   timeofday nextval currval lastval setval gen_random_bytes gen_salt set_config pg_sleep`.split(/\s+/),
)

const steady = new Set(
  `now txid_current pg_current_xact_id transaction_timestamp statement_timestamp current_database current_schema current_setting version timezone
   date_trunc date_part extract age make_date make_time make_timestamp make_timestamptz make_interval to_timestamp to_date
   to_char to_number lower upper initcap trim btrim ltrim rtrim lpad rpad replace translate concat concat_ws format left
   right length char_length octet_length substr substring repeat reverse split_part md5 sha256 encode decode
   abs ceil ceiling floor round trunc mod power sqrt greatest least nullif coalesce
   json_build_object json_build_array jsonb_build_object jsonb_build_array json_object jsonb_object to_json to_jsonb
   array_append array_cat array_fill array_length string_to_array array_to_string int4range int8range numrange tsrange
   tstzrange daterange to_tsvector uuid_nil uuid_in point box`.split(/\s+/),
)

/** Whether a default is the same for every row, so that it is kept once instead of in each of them. */
export function volatilityOf(expression: Node | undefined): Volatility {
  let found: Volatility = 'constant'
  for (const node of walk(expression)) {
    const call = as(node as Node, 'FuncCall')
    if (!call) continue
    const name = texts(call.funcname).at(-1) ?? ''
    if (volatile.has(name)) return 'volatile'
    if (!steady.has(name)) found = 'unknown'
  }
  return found
}
