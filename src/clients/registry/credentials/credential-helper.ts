import { execFile } from 'node:child_process'
import { credentialsAway, noCredentials, type Credential } from './credential'

const timeoutMs = 15_000
const maxBytes = 64 * 1024
/** What Docker's helpers call Docker Hub. */
const serverOf = (host: string): string => (host === 'docker.io' ? 'https://index.docker.io/v1/' : host)

/** Asks `docker-credential-<name> get` on the PATH, without a shell. Undefined when it knows nothing of this host. */
export async function helperCredential(
  name: string,
  host: string,
  environment: NodeJS.ProcessEnv,
): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
    throw noCredentials(host, 'the name of the credential helper is none', 'Correct the Docker configuration.')
  const { failure, stdout } = await run(program, serverOf(host), environment)
  if (failure === undefined) return credentialIn(stdout, program, host)
  if (/credentials not found/i.test(stdout)) return undefined
  if (failure === 'ENOENT') throw noCredentials(host, `there is no program ${program}`, 'Put it on the PATH.')
  // Neither its output nor its errors are shown: either may have the secret in it.
  throw credentialsAway(host, `${program} failed (${failure})`)
}

function run(program: string, input: string, env: NodeJS.ProcessEnv): Promise<{ failure?: string; stdout: string }> {
  return new Promise((resolve) => {
    const options = { env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: maxBytes, windowsHide: true } as const
    const child = execFile(program, ['get'], options, (error, stdout) => {
      if (!error) resolve({ stdout })
      else resolve({ failure: error.killed ? 'timeout' : String(error.code ?? error.signal ?? 'error'), stdout })
    })
    // A helper that ends without reading closes the pipe.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

function credentialIn(output: string, program: string, host: string): Credential | undefined {
  let answer: { Username?: unknown; Secret?: unknown } | null
  try {
    answer = JSON.parse(output) as typeof answer
  } catch {
    throw noCredentials(host, `${program} did not answer with JSON`, 'Run it by hand.')
  }
  const { Username: username, Secret: secret } = answer ?? {}
  if (typeof username !== 'string' || typeof secret !== 'string' || secret === '') return undefined
  return username === '<token>' ? { kind: 'identity', token: secret } : { kind: 'basic', username, password: secret }
}
