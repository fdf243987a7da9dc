/**
 * Time from approval to `succeeded` (bake 0, no migration) against the floor: `kubectl set image` and `kubectl rollout
 * status` on the same Deployment, turn by turn in one run on a real node. Last line: JSON, medians of five.
 */
import { type BenchHub, benchRelease, runBench, withHub } from './hub'
import { median, rounded } from './median'

const rounds = 5
const service = 'settlement'

const policies = `  - name: settlement
    select: { namespaces: [hub], images: ['*/hub/settlement'] }
    mode: approve
    approval: { required: 1, unverified: accept }
    rollout: { bake: 0s, stall: 60s, deadline: 5m }
    health: [{ http: /health, port: 3001, expect: { status: OK, version: $.versionNumber } }]
`

async function measure(hub: BenchHub) {
  const { kubectl } = hub
  await kubectl('scale', `deployment/${service}`, '--replicas=3')
  await kubectl('rollout', 'status', `deployment/${service}`)
  const refitSeconds: number[] = []
  const kubectlSeconds: number[] = []
  const historyEvents: number[] = []
  const steps: Record<string, number[]> = {}
  for (let round = 1; round <= rounds; round += 1) {
    const release = benchRelease(service, `v1.0.${round}`)
    const waiting = await hub.offered(release)
    const approvedAt = Date.now()
    await hub.approve(waiting)
    const ended = await hub.ended(waiting)
    if (ended.outcome !== 'succeeded' || !ended.endedAt)
      throw new Error(`the upgrade ended ${ended.outcome}: ${ended.message}`)
    refitSeconds.push((ended.endedAt.getTime() - approvedAt) / 1000)
    historyEvents.push(await hub.historyLength(service))
    for (const { at, kind, phase } of await hub.store.upgrades.events(waiting.id)) {
      const step = kind === 'entered' ? phase : kind
      if (at.getTime() >= approvedAt) (steps[step] ??= []).push((at.getTime() - approvedAt) / 1000)
    }

    await setImage(hub, 'v1.0.0')
    const startedAt = Date.now()
    await setImage(hub, release.tag)
    kubectlSeconds.push((Date.now() - startedAt) / 1000)
    process.stderr.write(`round ${round}: refit ${refitSeconds.at(-1)} s, kubectl ${kubectlSeconds.at(-1)} s\n`)
  }
  const [refitMedian, kubectlMedian] = [median(refitSeconds), median(kubectlSeconds)]
  return {
    bench: 'upgrade',
    ratio: rounded(refitMedian / kubectlMedian),
    refitMedian,
    kubectlMedian,
    historyEvents: median(historyEvents),
    // From the approval, seconds.
    steps: Object.fromEntries(Object.entries(steps).map(([step, seconds]) => [step, median(seconds)])),
    refitSeconds,
    kubectlSeconds,
  }
}

async function setImage({ kubectl, image }: BenchHub, tag: string): Promise<void> {
  await kubectl('set', 'image', `deployment/${service}`, `${service}=${image({ service, tag })}`)
  await kubectl('rollout', 'status', `deployment/${service}`)
}

runBench(() => withHub({ name: 'bench-upgrade', policies }, measure))
