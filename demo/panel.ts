import { runKubectl } from '../examples/hub/deploy'
import type { UpgradeRow } from '../src/store/contracts'
import type { Stage } from './stage'
import type { Panel } from './screen'

interface Seen {
  upgrade: UpgradeRow | undefined
  pods: string
}

/** What is now: payments, ledger, upgrade, pods. Looks every second, in the background, and never disturbs the story. */
export function watchHub(stage: Stage): Panel & { close: () => void } {
  const seen: Seen = { upgrade: undefined, pods: '' }
  let looking = false
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    void look(stage, seen).finally(() => (looking = false))
  }, 1_000)
  return {
    close: () => clearInterval(timer),
    lines: () => [
      paymentsLine(stage),
      upgradeLine(seen.upgrade),
      `pods       ${seen.pods}`,
      `Web UI     ${stage.stack.temporal.webUi}`,
    ],
    summary: () => `${paymentsLine(stage)} · ${upgradeLine(seen.upgrade)}`,
  }
}

async function look(stage: Stage, seen: Seen): Promise<void> {
  try {
    seen.upgrade = await stage.store.upgrades.latest({ namespace: 'hub', service: 'ledger' })
    const { bin, kubernetes } = stage.stack
    const query = [
      '-n',
      'hub',
      'get',
      'pods',
      '-l',
      'app.kubernetes.io/name in (ledger,ledger-consumer)',
      '-o',
      'jsonpath={range .items[*]}{.spec.containers[0].image}{" "}{.status.containerStatuses[0].ready}{"\\n"}{end}',
    ]
    seen.pods = podsLine(await runKubectl({ kubectl: bin.kubectl, kubeconfig: kubernetes.kubeconfig }, query))
  } catch {
    // The next look tells; a panel must not end the story.
  }
}

function podsLine(text: string): string {
  const counts = new Map<string, { all: number; ready: number }>()
  for (const line of text.trim().split('\n').filter(Boolean)) {
    const [image = '', ready] = line.split(' ')
    const tag = /:([^:@/]+)(?:@|$)/.exec(image)?.[1] ?? image
    const count = counts.get(tag) ?? { all: 0, ready: 0 }
    counts.set(tag, { all: count.all + 1, ready: count.ready + (ready === 'true' ? 1 : 0) })
  }
  return [...counts].map(([tag, { all, ready }]) => `${tag} ${ready}/${all} ready`).join(', ')
}

function paymentsLine({ load }: Stage): string {
  if (!load) return 'payments   not measured on simulated nodes'
  const tick = load.last
  if (!tick) return 'payments   starting'
  const rate = tick.last.ok + tick.last.failed
  return `payments   ${rate}/s · sent ${tick.sent} · failed ${tick.failed} · p99 ${tick.last.latency.p99} ms (worst of all ${tick.latency.max} ms)`
}

function upgradeLine(upgrade: UpgradeRow | undefined): string {
  if (!upgrade) return 'upgrade    none yet'
  const { fromTag, toTag, phase, outcome, waitingFor, message } = upgrade
  return `upgrade    hub/ledger ${fromTag} → ${toTag}: ${outcome ?? phase}${waitingFor ? `, waits for ${waitingFor}` : ''} (${message})`.slice(
    0,
    160,
  )
}
