import { LoadProcess } from '../../demo/load'
import { type BenchHub, withHub } from '../hub'
import type { Instruments } from './measure'

const rate = 50

const policies = `  - name: ledger
    select: { namespaces: [hub], images: ['*/hub/ledger'] }
    mode: approve
    approval: { required: 1, unverified: accept }
    acceptRestartRisk: true
    rollout: { bake: 25s, stall: 15s, deadline: 5m, maxUnavailable: 1 }
    health: [{ http: /health, port: 3001, expect: { status: OK, version: $.versionNumber } }]
`
const environment = { SICK_AFTER_SECONDS: '15', SLOW_START_SECONDS: '10' }

/** The sample hub under load on a real node, as every failure is measured. Root on Linux. */
export const withLoadedHub = <Result>(measure: (instruments: Instruments) => Promise<Result>): Promise<Result> =>
  withHub({ name: 'bench-failures', policies, environment }, async (hub: BenchHub) => {
    const load = LoadProcess.start({ ...hub.ports, rate, databaseUrl: hub.databaseUrl })
    try {
      return await measure({ hub, load })
    } finally {
      await load.stop()
    }
  })
