import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the node needs; kubelet and kube-proxy set the rest by themselves. */
export const wantedSysctls: Record<string, string> = {
  'net/ipv4/ip_forward': '1',
  'net/bridge/bridge-nf-call-iptables': '1',
  'net/bridge/bridge-nf-call-ip6tables': '1',
  'net/ipv4/conf/all/route_localnet': '1',
}

const changed = [
  ...Object.keys(wantedSysctls),
  // A change of ip_forward flips this one too.
  'net/ipv4/conf/all/accept_redirects',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
]

/** The values, by path under /proc/sys, of everything that a node changes. */
export function readSysctls(): Record<string, string> {
  return Object.fromEntries(changed.filter((key) => existsSync(file(key))).map((key) => [key, read(key)]))
}

/** Sets values that differ; leaves out what this kernel doesn't have. */
export function writeSysctls(values: Record<string, string>): void {
  for (const [key, value] of Object.entries(values)) {
    if (existsSync(file(key)) && read(key) !== value) writeFileSync(file(key), value)
  }
}

function file(key: string): string {
  return join('/proc/sys', key)
}

function read(key: string): string {
  return readFileSync(file(key), 'utf8').trim()
}
