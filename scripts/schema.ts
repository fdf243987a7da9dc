/** Writes refit.schema.json from the schema of refit.yaml, formatted as `npm run lint` wants it. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { schemaJson } from '../src/config'

async function main(): Promise<void> {
  const file = resolve(__dirname, '../refit.schema.json')
  const text = await format(schemaJson(), { ...(await resolveConfig(file)), filepath: file })
  writeFileSync(file, text)
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
