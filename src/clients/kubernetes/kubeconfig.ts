import { existsSync } from 'node:fs'
import { KubeConfig } from '@kubernetes/client-node'
import { RefitError } from '../../domain/errors'

/**
 * The named file, or the pod's own service account. $KUBECONFIG and ~/.kube/config are left alone: which hub is upgraded
 * must not depend on somebody's shell. Throws CONFIG_INVALID.
 */
export function loadKubeconfig(file: string | undefined): { config: KubeConfig; server: string } {
  const config = new KubeConfig()
  if (file === undefined) {
    if (!process.env.KUBERNETES_SERVICE_HOST || !process.env.KUBERNETES_SERVICE_PORT)
      throw new RefitError(
        'CONFIG_INVALID',
        `No kubeconfig is named, and this process does not run in a cluster${process.env.KUBECONFIG ? '; $KUBECONFIG is ignored on purpose, so that no shell decides which hub is upgraded' : ''}.`,
        `Add --kubeconfig ${process.env.KUBECONFIG || 'FILE'}, or set REFIT_KUBECONFIG.`,
      )
    config.loadFromCluster()
    // Kubernetes sets the variables in every pod; a token only where one is mounted.
    if (!existsSync(tokenFileOf(config)))
      throw new RefitError(
        'CONFIG_INVALID',
        'This pod has no token of a service account (automountServiceAccountToken: false).',
        'Give it a service account with a token where it needs the cluster, or set REFIT_KUBECONFIG.',
      )
  } else {
    readFile(config, file)
  }
  const server = config.getCurrentCluster()?.server
  const where = file ?? 'the service account'
  if (!server || !URL.canParse(server) || !config.getCurrentUser())
    throw new RefitError(
      'CONFIG_INVALID',
      `${where} names no cluster and user for its current context.`,
      'Choose one that has both: kubectl config use-context.',
    )
  if (server.startsWith('http:') && !config.getCurrentCluster()?.skipTLSVerify)
    throw new RefitError(
      'CONFIG_INVALID',
      `${where} names a cluster over plain http.`,
      'Write insecure-skip-tls-verify: true for this cluster if that is wanted.',
    )
  return { config, server: server.replace(/\/+$/, '') }
}

const tokenFileOf = (config: KubeConfig): string =>
  String((config.getCurrentUser()?.authProvider as { config?: { tokenFile?: unknown } } | undefined)?.config?.tokenFile)

function readFile(config: KubeConfig, file: string): void {
  try {
    config.loadFromFile(file)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    // A parser's message quotes the line, which may hold a token.
    throw new RefitError(
      'CONFIG_INVALID',
      `${file} can't be read as a kubeconfig${code ? ` (${code})` : ''}.`,
      'Check that the path is right and that kubectl can use the file.',
    )
  }
}
