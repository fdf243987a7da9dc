import { writeFile } from 'node:fs/promises'

interface At {
  kubectl(...args: string[]): Promise<string>
  /** address of the API server */
  server: string
}

/** Writes a kubeconfig that logs in as this service account, with a token of its own. Returns the file. */
export async function kubeconfigOf(
  { kubectl, server }: At,
  { namespace, name }: { namespace: string; name: string },
  file: string,
): Promise<string> {
  const token = (await kubectl('-n', namespace, 'create', 'token', name)).trim()
  await writeFile(
    file,
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token } }],
    }),
    { mode: 0o600 },
  )
  return file
}
