import { RefitError } from '../domain/errors'
import { clean } from '../domain/text'
import type { GitBranch } from './git'
import { runBounded } from './run-bounded'

export type Environment = Readonly<Record<string, string | undefined>>

const timeoutMs = 60_000
/** Characters: a file with images is far smaller. */
const maxOutput = 4 * 1024 * 1024

/** What of the worker's environment git may see: how it gets out, and whom it trusts. */
const passed = [
  'PATH',
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  ...['GIT_SSL_CAINFO', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
]

/** Said with every command; no other configuration is read. */
const settings = [
  'core.hooksPath=/dev/null',
  'protocol.allow=never',
  'protocol.https.allow=always',
  'protocol.http.allow=always',
  'protocol.file.allow=always',
  // A token goes to the host that refit.yaml names, and to no other.
  'http.followRedirects=false',
  'credential.helper=',
  'gc.auto=0',
  'maintenance.auto=false',
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=20',
].flatMap((setting) => ['-c', setting])

/** Runs git in one folder; throws GIT_* unless it ends well, and gives what it printed. `doing` completes "git could not …". */
export interface RunGit {
  (rest: string[], doing: string, input?: string): Promise<string>
  /** the same with its end as it is; throws only when it gave none */
  ask(rest: string[], doing: string): Promise<{ code: number; stdout: string; stderr: string }>
  failure(code: number, stderr: string, doing: string): RefitError
}

export function runGit(folder: string, env: NodeJS.ProcessEnv): RunGit {
  const ask = async (rest: string[], doing: string, input?: string) => {
    const all = [...settings, ...rest]
    const given = { ...env, HOME: folder, GIT_DIR: folder, GIT_INDEX_FILE: `${folder}/refit-index` }
    const ended = await runBounded('git', all, { env: given, timeoutMs, maxOutput, ...(input ? { input } : {}) })
    if (ended.kind === 'exited') return ended
    throw new RefitError('GIT_UNAVAILABLE', `git could not ${doing}: it ${ended.why}.`, installed)
  }
  const failure = (code: number, stderr: string, doing: string): RefitError => failureOf(code, stderr, doing)
  const run = async (rest: string[], doing: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await ask(rest, doing, input)
    if (code !== 0) throw failure(code, stderr, doing)
    return stdout
  }
  return Object.assign(run, { ask, failure })
}

const installed = 'Is the program git installed beside the worker, and does its server answer?'

/** What stays as it is however often it is tried; everything else is the network or a server's bad day. */
const permanent: [RegExp, string][] = [
  [
    /Authentication failed|could not read (Username|Password)|error: 40[13]\b|terminal prompts disabled/i,
    'Check gitops.token and gitops.user in refit.yaml, and what the token may do.',
  ],
  [/couldn't find remote ref/i, 'Correct gitops.branch in refit.yaml.'],
  [
    /not found|does not appear to be a git repository|does not exist|dubious ownership|transport '.*' not allowed/i,
    'Correct gitops.repository in refit.yaml.',
  ],
  [/error: 30\d\b|unable to update url base from redirection/i, 'Write the final address into gitops.repository.'],
]

function failureOf(code: number, stderr: string, doing: string): RefitError {
  const lines = stderr.split('\n').filter((line) => /^(fatal|error|remote):/.test(line))
  const said = clean(lines.join('; ') || stderr, 500) || `exit code ${code}`
  const words = `git could not ${doing}: ${said}.`
  const known = permanent.find(([pattern]) => pattern.test(stderr))
  if (known) return gitProblem(words, known[1])
  return new RefitError('GIT_UNAVAILABLE', words, 'It is tried again.')
}

/** What trying again does not change. */
export const gitProblem = (message: string, next: string): RefitError => new RefitError('GIT_REFUSED', message, next)

/**
 * All that git gets to see: no user's or machine's configuration, no prompt, the token as a header for this repository.
 * Throws GIT_REFUSED when the variable of the token isn't set.
 */
export function gitEnvironment(branch: GitBranch, environment: Environment): NodeJS.ProcessEnv {
  const { repository, user = 'x-access-token', token: name } = branch
  const token = name === undefined ? undefined : environment[name]?.trim()
  if (name !== undefined && !token)
    throw gitProblem(`The environment variable ${name} of gitops.token is not set.`, 'Set it for the worker.')
  return {
    ...Object.fromEntries(passed.flatMap((key) => (environment[key] ? [[key, environment[key]]] : []))),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ATTR_NOSYSTEM: '1',
    ...(token
      ? {
          GIT_CONFIG_COUNT: '1',
          GIT_CONFIG_KEY_0: `http.${repository}.extraHeader`,
          GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`,
        }
      : {}),
  }
}
