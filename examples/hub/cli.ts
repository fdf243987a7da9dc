import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { deployHub } from './deploy'
import { buildAndPush } from './images'
import { manifests } from './manifests'
import { releaseName, RELEASES } from './releases'

const USAGE = `usage: tsx examples/hub/cli.ts COMMAND
  releases                                   lists every release and what it does
  publish [SERVICE:TAG …] --registry HOST    builds and pushes; without names the three v1.0.0
  manifests --registry HOST                  prints the YAML; the database URL comes from HUB_DATABASE_URL
  deploy --registry HOST --kubeconfig FILE   applies it and prints the NodePorts; --kubectl FILE if it isn't on PATH`

const { values, positionals } = read()

function read() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        registry: { type: 'string', default: process.env.REGISTRY },
        namespace: { type: 'string', default: 'hub' },
        kubectl: { type: 'string', default: 'kubectl' },
        kubeconfig: { type: 'string', default: process.env.KUBECONFIG },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exit(2)
  }
}

async function main(): Promise<void> {
  const [command, ...names] = positionals
  if (values.help) return console.log(USAGE)
  if (command === 'releases') return listReleases()
  if (command === 'publish') return publish(names)
  if (command === 'manifests') return printManifests()
  if (command === 'deploy') return deploy()
  throw new Error(USAGE)
}

function listReleases(): void {
  for (const release of RELEASES) console.log([releaseName(release), release.behaviour, release.note].join('\t'))
}

async function publish(names: string[]): Promise<void> {
  const tags = names.length > 0 ? names : RELEASES.filter(({ tag }) => tag === 'v1.0.0').map(releaseName)
  const cacheDir = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'refit', 'hub')
  await buildAndPush({ registry: given('registry'), cacheDir, tags, progress: console.log })
}

function printManifests(): void {
  const options = { namespace: values.namespace, registry: given('registry'), databaseUrl: databaseUrl() }
  console.log(
    manifests(options)
      .map((each) => stringify(each))
      .join('---\n'),
  )
}

async function deploy(): Promise<void> {
  const { namespace, kubectl } = values
  const registry = given('registry')
  const kubeconfig = given('kubeconfig')
  const { ports } = await deployHub({ namespace, kubectl, kubeconfig, registry, databaseUrl: databaseUrl() })
  console.log(JSON.stringify(ports))
}

function given(name: 'registry' | 'kubeconfig'): string {
  const value = values[name]
  if (!value) throw new Error(`--${name} is missing\n${USAGE}`)
  return value
}

function databaseUrl(): string {
  if (process.env.HUB_DATABASE_URL) return process.env.HUB_DATABASE_URL
  throw new Error('HUB_DATABASE_URL is not set: the database as the pods reach it')
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
