import { deployHub } from '../examples/hub/deploy'
import type { ActResult } from './play-upgrade'
import type { Stage } from './stage'

const namespace = 'hub-by-hand'
const corrupt = 'migration directory is corrupt'

/** For contrast: the same rollback without Refit. The old image's init container refuses the newer schema, and nothing starts. */
export async function playByHand(stage: Stage): Promise<ActResult> {
  const { stack, screen } = stage
  const kubectl = (...args: string[]): Promise<string> => stage.kubectl(...args)
  const act = 'Act 5: v1.1.0 and kubectl rollout undo, for contrast'
  screen.act(act)
  await stack.postgres.createDatabase('byhand')
  await deployHub({
    kubectl: stack.bin.kubectl,
    kubeconfig: stack.kubernetes.kubeconfig,
    namespace,
    registry: stack.registry.host,
    databaseUrl: stack.postgres.podUrl('byhand'),
  })
  const image = `${stack.registry.host}/hub/ledger:v1.1.0`
  await run(['set', 'image', 'deployment/ledger', `ledger=${image}`, `run-migration=${image}`])
  await run(['rollout', 'status', 'deployment/ledger', '--timeout=120s'])
  await run(['rollout', 'undo', 'deployment/ledger'])
  const log = await untilCrashed()
  screen.say(`run-migration of v1.0.0 says: ${log}`)
  await kubectl('delete', 'namespace', namespace, '--wait=false')
  return {
    act,
    expected: 'crash-loop',
    outcome: log.includes(corrupt) ? 'crash-loop' : 'no crash seen',
    phases: {},
    requests: null,
    failed: null,
  }

  async function run(args: string[]): Promise<void> {
    screen.command(`kubectl -n ${namespace} ${args.join(' ')}`)
    await kubectl('-n', namespace, ...args)
  }

  async function untilCrashed(): Promise<string> {
    for (const deadline = Date.now() + 90_000; Date.now() < deadline;) {
      const pods = JSON.parse(
        await kubectl('-n', namespace, 'get', 'pods', '-l', 'app.kubernetes.io/name=ledger', '-o', 'json'),
      ) as Pods
      const crashed = pods.items.find(({ status }) =>
        status.initContainerStatuses?.some(({ restartCount }) => restartCount > 0),
      )
      if (crashed) {
        const text = await kubectl('-n', namespace, 'logs', crashed.metadata.name, '-c', 'run-migration')
        return text.split('\n').find((line) => line.includes(corrupt)) ?? text.split('\n')[0] ?? ''
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    return 'nothing failed within 90 s'
  }
}

interface Pods {
  items: { metadata: { name: string }; status: { initContainerStatuses?: { restartCount: number }[] } }[]
}
