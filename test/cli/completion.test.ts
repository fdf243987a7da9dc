import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commands } from '../../src/cli/command-table'
import { decision, fakeStore, upgradeRow } from '../operations/support'
import { refit } from './support'

const folder = mkdtempSync(join(tmpdir(), 'refit-completion-'))
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0
const shown = commands.filter(({ hidden }) => !hidden)

/** Stands in for refit when a script asks it for names, and notes how it was asked. */
beforeAll(async () => {
  const asked = join(folder, 'asked')
  writeFileSync(join(folder, 'refit'), `#!/bin/sh\necho "$@" >> ${asked}\nprintf 'hub/ledger\\nhub/quoting\\n'\n`)
  chmodSync(join(folder, 'refit'), 0o755)
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(join(folder, shell), (await refit(`completion ${shell}`)).out)
})

describe.each(['bash', 'zsh', 'fish'])('the script for %s', (shell) => {
  test('has every command, and none that is hidden', async () => {
    const { code, out } = await refit(`completion ${shell}`)
    expect(code).toBe(0)
    for (const { name } of shown) for (const word of name.split(' ')) expect(out).toContain(word)
    for (const { options = [] } of shown)
      for (const { flags } of options) expect(out).toContain(/--([\w-]+)/.exec(flags)?.[1])
  })

  test('is right for the shell', () => {
    if (!has(shell)) return
    expect(spawnSync(shell, ['-n', join(folder, shell)], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })
})

const bash = (...words: string[]): string[] => {
  const script = `source '${join(folder, 'bash')}'; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _refit; printf '%s\\n' "\${COMPREPLY[@]}"`
  const env = { PATH: `${folder}:${process.env.PATH}` }
  return execFileSync('bash', ['--norc', '-c', script, 'bash', 'refit', ...words], {
    encoding: 'utf8',
    env,
    cwd: folder,
  })
    .trim()
    .split('\n')
}
const fish = (...words: string[]): string[] => {
  const script = `source ${join(folder, 'fish')}; complete -C '${['refit', ...words].join(' ')}'`
  const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder }
  return execFileSync('fish', ['--no-config', '-c', script], { encoding: 'utf8', env, cwd: folder })
    .trim()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
}
const cases: [string[], string[]][] = [
  [['stat'], ['status']],
  [
    ['data', 'sta'],
    ['start', 'status'],
  ],
  [['-o', 'json', 'rel'], ['release']],
  [['release', 'ab'], ['abort']],
  [
    ['status', ''],
    ['hub/ledger', 'hub/quoting'],
  ],
  [['--hub', 'green', 'approve', 'hub/q'], ['hub/quoting']],
  [['explain', '--tag', 'v1', 'hub/l'], ['hub/ledger']],
  [['status', '-o', 'y'], ['yaml']],
  [['history', '--upgrade', 'hub/l'], ['hub/ledger']],
  [['schedule', 'pause', 'di'], ['digest']],
  [['completion', 'z'], ['zsh']],
  [['status', '--wa'], ['--watch']],
  [['resolve', '--as', 'rol'], ['rolled-back']],
]

test.each(cases)('bash completes %j', (words, expected) => {
  expect(bash(...words).sort()).toEqual(expected)
})

/** Its own functions, replaced by what prints what they are given. */
const zsh = (...words: string[]): string[] => {
  const script = `compdef() { : }
compadd() { shift; print -l -- "$@" }
_describe() { local n=\${@[-1]}; print -l -- \${\${(P)n}%%:*} }
_files() { print FILES }
_message() { : }
source '${join(folder, 'zsh')}'
words=("$@"); CURRENT=$#words
_refit`
  const env = { PATH: `${folder}:${process.env.PATH}` }
  const out = execFileSync('zsh', ['-f', '-c', script, 'zsh', 'refit', ...words], {
    encoding: 'utf8',
    env,
    cwd: folder,
  })
  return out.trim().split('\n')
}

test.each(cases)('zsh completes %j', (words, expected) => {
  if (has('zsh')) expect(zsh(...words)).toEqual(expect.arrayContaining(expected))
})

test('bash: options of the command and of all, files, and nothing where anything may stand', () => {
  expect(bash('abort', '-')).toEqual(expect.arrayContaining(['--reason', '--yes', '--hub', '-o']))
  expect(bash('abort', '-')).not.toContain('--follow')
  expect(bash('--config', 'ba')).toEqual(['bash'])
  expect(bash('abort', '--reason', '')).toEqual([''])
  expect(bash('token', 'revoke', '')).toEqual([''])
  expect(bash('migrations', 'lint', 'a', 'ba')).toEqual(['bash'])
})

test.each(cases)('fish completes %j', (words, expected) => {
  if (has('fish')) expect(fish(...words).sort()).toEqual(expected)
})

describe('names for the scripts', () => {
  const { store } = fakeStore({ decisions: [decision()], upgrades: [upgradeRow()] })
  test.each([
    ['services', 'hub/ledger\n'],
    ['upgrades', 'abcdef123456-1\n'],
    ['targets', 'hub/ledger\nabcdef123456-1\n'],
    ['hubs', ''],
  ])('%s', async (kind, out) => {
    expect(await refit(`__names ${kind}`, { store, env: { REFIT_HUBS: '/nowhere' } })).toMatchObject({
      code: 0,
      out,
      err: '',
    })
  })

  test('are none where they can not be had', async () => {
    const away = { ...store, decisions: { ...store.decisions, list: () => Promise.reject(new Error('away')) } }
    expect(await refit('__names services', { store: away })).toMatchObject({ code: 0, out: '', err: '' })
  })

  test('are none where they do not come in time', async () => {
    const silent = { ...store, decisions: { ...store.decisions, list: () => new Promise<never>(() => undefined) } }
    expect(await refit('__names services', { store: silent })).toMatchObject({ code: 0, out: '', err: '' })
  })

  test('are not in the help', async () => {
    expect((await refit('--help')).out).not.toContain('__names')
  })
})
