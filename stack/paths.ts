import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { StackError } from './types'

/** The folder with the Go modules of the stack. */
export const goModules = join(__dirname, 'go')

/** The user's cache: built binaries, found again by version. */
export function cacheRoot(): string {
  return join(resolve(process.env.XDG_CACHE_HOME || join(homedir(), '.cache')), 'refit')
}

/** True for root on Linux, who alone can run a real node. */
export function isLinuxRoot(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0
}

/**
 * The folder that holds one folder per stack.
 *
 * Root's is /var/lib/refit: PostgreSQL refuses to run as root, and another user can't enter root's home.
 */
export function stateRoot(): string {
  if (process.env.XDG_STATE_HOME) return join(resolve(process.env.XDG_STATE_HOME), 'refit')
  return isLinuxRoot() ? '/var/lib/refit' : join(homedir(), '.local/state/refit')
}

/** The state folder of the stack with this name. */
export function stackDirectory(name: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,38}$/.test(name)) {
    throw new StackError(`"${name}" can't name a stack: use up to 39 lower-case letters, digits and dashes`)
  }
  return join(stateRoot(), name)
}

/** Where the things of one stack are. */
export function layout(stateDir: string) {
  return {
    state: join(stateDir, 'stack.json'),
    pki: join(stateDir, 'pki'),
    config: join(stateDir, 'config'),
    logs: join(stateDir, 'logs'),
    data: join(stateDir, 'data'),
    run: join(stateDir, 'run'),
    kubeconfig: join(stateDir, 'kubeconfig'),
    auditLog: join(stateDir, 'logs', 'audit.log'),
  }
}
