import { z } from 'zod'
import { schema } from './schema'

/** The JSON Schema of refit.yaml as it is written (durations as text), for editors; `refit.schema.json` holds this text. */
export function schemaJson(): string {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return `${JSON.stringify({ ...json, title: 'refit.yaml' }, null, 2)}\n`
}
