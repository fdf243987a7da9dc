/** What other tools call it, and the command that is meant. */
const meant: Record<string, string> = {
  list: 'status',
  ls: 'status',
  get: 'status',
  show: 'status',
  services: 'status',
  describe: 'explain',
  why: 'explain',
  diff: 'plan',
  apply: 'approve',
  deploy: 'approve',
  upgrade: 'approve',
  update: 'scan',
  check: 'doctor',
  stop: 'pause',
  cancel: 'abort',
  undo: 'rollback',
  revert: 'rollback',
  events: 'logs',
  log: 'logs',
  thaw: 'unfreeze',
  cron: 'schedule',
  login: 'token',
}

/** The next step for an unknown command of this message of commander; undefined where nothing like it is known. */
export function synonymFor(message: string): string | undefined {
  const [, word = ''] = /^unknown command '([^']*)'/.exec(message) ?? []
  const command = Object.hasOwn(meant, word) ? meant[word] : undefined
  return command === undefined ? undefined : `Did you mean ${command}? refit ${command} --help says what it does.`
}
