import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expectOk } from '../http'
import type { Part } from './part'

/** The Temporal dev server with its Web UI; the database file keeps workflows over a crash. */
export const temporal: Part = {
  name: 'temporal',
  needs: [],
  tools: ['temporal'],
  prepare({ paths }) {
    mkdirSync(join(paths.data, 'temporal'), { recursive: true, mode: 0o700 })
  },
  command: ({ state: { ports }, paths, bin }) => ({
    file: bin('temporal'),
    args: [
      'server',
      'start-dev',
      '--ip=127.0.0.1',
      `--port=${ports.temporal}`,
      `--http-port=${ports.temporalHttp}`,
      `--metrics-port=${ports.temporalMetrics}`,
      '--ui-ip=127.0.0.1',
      `--ui-port=${ports.temporalUi}`,
      `--db-filename=${join(paths.data, 'temporal', 'temporal.db')}`,
      // What a workflow task schedules for the worker that answers it comes back with the answer.
      '--dynamic-config-value=system.enableActivityEagerExecution=true',
      '--log-level=warn',
      '--log-format=json',
      '--disable-config-file',
      '--disable-config-env',
    ],
  }),
  healthy: async ({ state: { ports } }) => {
    await expectOk(`http://127.0.0.1:${ports.temporalHttp}/api/v1/namespaces/default`)
    await expectOk(`http://127.0.0.1:${ports.temporalUi}/healthz`)
  },
  address: ({ state: { ports } }) => `127.0.0.1:${ports.temporal}, Web UI at http://127.0.0.1:${ports.temporalUi}`,
  patience: 60,
  stop: { signal: 'SIGTERM', grace: 5000 },
}
