import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../context'
import { run } from '../run'

/** kubelet, the CNI plugins and containerd's shims use these whatever their configuration says. */
export const fixedFolders = ['/var/lib/kubelet', '/var/log/containers', '/var/lib/cni', '/run/containerd', '/run/netns']

/** Those of the fixed folders that no one has made yet. */
export function absentFolders(): string[] {
  return fixedFolders.filter((folder) => !existsSync(folder))
}

/** Removes what the node's processes wrote outside the state folder, and the folders that they made. */
export async function removeNodeFiles({ stateDir, paths }: Context, absentBefore: readonly string[]): Promise<void> {
  await unmountBelow(stateDir)
  // Pods of a stopped node have no process, mount or address left: a later start makes them anew.
  for (const folder of [
    join(paths.data, 'containerd'),
    join(paths.data, 'kubelet'),
    join(paths.data, 'cni'),
    paths.run,
  ]) {
    rmSync(folder, { recursive: true, force: true })
  }
  removeLogLinks('/var/log/containers', stateDir)
  removeResults('/var/lib/cni/results')
  const made = (folder: string) => absentBefore.includes(folder)
  if (made('/var/lib/kubelet')) rmSync('/var/lib/kubelet', { recursive: true, force: true })
  // The sockets of shims that were killed; with a socket of its own there it belongs to another containerd by now.
  if (made('/run/containerd') && !existsSync('/run/containerd/containerd.sock')) {
    rmSync('/run/containerd', { recursive: true, force: true })
  }
  for (const folder of ['/var/lib/cni/results', ...fixedFolders]) {
    if (absentBefore.some((absent) => folder.startsWith(absent))) removeIfEmpty(folder)
  }
}

/** Unmounts everything in a folder, the innermost first. */
async function unmountBelow(folder: string): Promise<void> {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  const inside = points
    .filter((point) => point.startsWith(`${folder}/`))
    .sort()
    .reverse()
  for (const point of inside) await run('umount', ['--lazy', point], { allowFailure: true })
}

function removeLogLinks(folder: string, stateDir: string): void {
  for (const name of list(folder)) {
    const link = join(folder, name)
    if (readLink(link).startsWith(`${stateDir}/`)) rmSync(link, { force: true })
  }
}

/** CNI keeps one file for each network of a pod; the loopback one has the same id as ours. */
function removeResults(folder: string): void {
  const names = list(folder)
  const pods = names.flatMap((name) => /^refit-([0-9a-f]+)-/.exec(name)?.[1] ?? [])
  for (const name of names) if (pods.some((pod) => name.includes(pod))) rmSync(join(folder, name), { force: true })
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

function readLink(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && list(folder).length === 0) rmdirSync(folder)
}
