import type { Command } from '../context'
import { type HubProfile, readHubs } from '../hub-profiles'
import { safe } from '../render'

/** The hubs that --hub knows. */
export const run: Command<unknown> = (context) => {
  const found = readHubs(context.io.env)
  const hubs = Object.entries(found.hubs)
  context.print(found, () =>
    hubs.length === 0
      ? [
          `${found.file} names no hub`,
          'next: write one into it, such as green: { config: green/refit.yaml, kubeconfig: green.kubeconfig, temporalProfile: green, databaseUrl: "${GREEN_DATABASE_URL}" }',
        ]
      : [
          context.table(['HUB', 'CONFIG', 'SERVER', 'CLUSTER', 'TEMPORAL PROFILE', 'STORE'], hubs.map(rowOf)),
          context.paint('dim', safe(`of ${found.file}; next: refit --hub ${hubs[0]?.[0] ?? ''} status`)),
        ],
  )
  return Promise.resolve()
}

const rowOf = ([name, { config, server, kubeconfig, temporalProfile, databaseUrl }]: [string, HubProfile]) => [
  name,
  ...[config, server, kubeconfig, temporalProfile, databaseUrl].map((each) => each ?? '-'),
]
