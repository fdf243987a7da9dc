import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectOk } from '../http'
import type { Part } from './part'

/** An OCI registry (plain HTTP, deletion allowed) for the images of the sample hub. */
export const registry: Part = {
  name: 'registry',
  needs: [],
  tools: ['registry', 'crane'],
  prepare({ state: { ports }, paths }) {
    const data = join(paths.data, 'registry')
    mkdirSync(data, { recursive: true })
    const config = {
      version: '0.1',
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: { delete: { enabled: true }, filesystem: { rootdirectory: data } },
      http: { addr: `127.0.0.1:${ports.registry}` },
    }
    writeFileSync(join(paths.config, 'registry.yaml'), JSON.stringify(config))
  },
  command: ({ paths, bin }) => ({
    file: bin('registry'),
    args: ['serve', join(paths.config, 'registry.yaml')],
    env: { OTEL_TRACES_EXPORTER: 'none' },
  }),
  healthy: ({ state: { ports } }) => expectOk(`http://127.0.0.1:${ports.registry}/v2/`),
  address: ({ state: { ports } }) => `127.0.0.1:${ports.registry}`,
  patience: 30,
  stop: { signal: 'SIGTERM', grace: 3000 },
}
