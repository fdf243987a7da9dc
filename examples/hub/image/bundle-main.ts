/** Writes what a service puts into /app to a folder: `bundle-main.ts SERVICE VERSION FOLDER`, for the Dockerfile. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SERVICES, type ServiceName } from '../releases'
import { bundle } from './bundle'

async function main([service = '', version = '', folder = '']: string[]): Promise<void> {
  if (!SERVICES.some((each) => each === service) || !/^v\d+\.\d+\.\d+$/.test(version) || folder === '')
    throw new Error(`usage: bundle-main.ts ${SERVICES.join('|')} vX.Y.Z FOLDER`)
  const release = { service: service as ServiceName, tag: version, behaviour: 'ok' as const, migrations: [], note: '' }
  for (const [path, content] of Object.entries(await bundle(release))) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
})
