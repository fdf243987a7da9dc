import { network } from '../network'
import { run } from '../run'

const programs = ['iptables', 'ip6tables'] as const

/**
 * Our own rules, each put in at the top of its chain: pods talk to each other and to this machine (a firewall that
 * drops by default would stop them), and neither to nor from anywhere else.
 */
export function firewallRules(): string[][] {
  const { bridge, nodeAddress } = network
  const mark = ['-m', 'comment', '--comment', 'refit-stack', '-j']
  return [
    ['INPUT', '-d', nodeAddress, '!', '-i', 'lo', ...mark, 'DROP'],
    ['INPUT', '-i', bridge, ...mark, 'ACCEPT'],
    ['FORWARD', '-o', bridge, ...mark, 'DROP'],
    ['FORWARD', '-i', bridge, ...mark, 'DROP'],
    ['FORWARD', '-i', bridge, '-o', bridge, ...mark, 'ACCEPT'],
  ]
}

/** Puts our rules in, where they aren't yet. */
export async function addRules(): Promise<void> {
  for (const rule of firewallRules()) {
    const present = await run('iptables', ['-w', '-C', ...rule], { allowFailure: true })
    if (present.code !== 0) await run('iptables', ['-w', '-I', ...rule])
  }
}

/** True if some Kubernetes node has chains in iptables. */
export async function hasNodeChains(): Promise<boolean> {
  const { stdout } = await run('iptables-save', [], { allowFailure: true })
  return /^:KUBE-/m.test(stdout)
}

/**
 * Removes our rules and every chain of kube-proxy; all of them are this node's, since it doesn't start beside another.
 * kube-proxy's own clean-up leaves KUBE-FIREWALL.
 */
export async function dropRules(): Promise<void> {
  for (const program of programs) {
    const { code, stdout } = await run(`${program}-save`, [], { allowFailure: true }).catch(() => ({
      code: 1,
      stdout: '',
    }))
    const script = code === 0 ? removalScript(stdout) : ''
    if (script) await run(`${program}-restore`, ['--noflush', '-w'], { input: script })
  }
}

/** From the output of iptables-save, the input of iptables-restore that removes our rules and all KUBE- chains. */
export function removalScript(saved: string): string {
  const script: string[] = []
  for (const section of saved.split(/^(?=\*)/m).filter((text) => text.startsWith('*'))) {
    const lines = section.split('\n')
    const chains = lines.flatMap((line) => /^:(KUBE-\S+)/.exec(line)?.[1] ?? [])
    const rules = lines.filter((line) => line.startsWith('-A ') && !line.startsWith('-A KUBE-'))
    const ours = rules.filter((line) => / -j KUBE-/.test(line) || line.includes('--comment refit-stack '))
    if (chains.length + ours.length === 0) continue
    const flushes = chains.map((chain) => `-F ${chain}`)
    const removals = chains.map((chain) => `-X ${chain}`)
    script.push(lines[0] ?? '', ...ours.map((line) => line.replace('-A', '-D')), ...flushes, ...removals, 'COMMIT', '')
  }
  return script.join('\n')
}
