import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { arch } from 'node:process'
import pLimit from 'p-limit'
import { nodeBase } from '../../examples/hub/image/base'
import { layer, type LayerFile } from '../../examples/hub/image/layer'
import { push } from '../../examples/hub/image/push'

const root = join(__dirname, '../..')
const bridge = join(root, 'node_modules/@temporalio/core-bridge/releases')
const platform = `${arch === 'x64' ? 'x86_64' : 'aarch64'}-unknown-linux-gnu`

/** What a running worker never opens: types and TypeScript, source maps of packages, text about them. */
const unread = /(\.[cm]?ts|\.map|\.md|\.tsbuildinfo)$/

/**
 * Pushes the built Refit (`npm run build`) as REGISTRY/refit:TAG, laid out as the Dockerfile does it, without Docker.
 * The same build under another `version` is another image. Returns its digest.
 */
export async function pushRefitImage(at: {
  registry: string
  cacheDir: string
  tag: string
  version?: string
}): Promise<string> {
  const base = await nodeBase(at.cacheDir)
  const app = await layer([...(await appFiles()), ...(await nativeLibraries())])
  const layers = [base.layer, app]
  return push({
    registry: at.registry,
    repository: 'refit',
    tag: at.tag,
    mountFrom: 'base/node',
    layers,
    config: {
      created: new Date(0).toISOString(),
      architecture: arch === 'x64' ? 'amd64' : arch,
      os: 'linux',
      config: {
        User: '1000:1000',
        Env: [
          'PATH=/usr/local/bin:/usr/bin:/bin',
          `LD_LIBRARY_PATH=${base.libraryDirectories.join(':')}`,
          'NODE_ENV=production',
          'MALLOC_ARENA_MAX=2',
          'NODE_OPTIONS=--max-semi-space-size=16',
        ],
        WorkingDir: '/app',
        ...(at.version ? { Labels: { 'org.opencontainers.image.version': at.version } } : {}),
        Entrypoint: ['node', '/app/dist/src/cli.js'],
        Cmd: ['worker'],
      },
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
      history: layers.map(() => ({ created: new Date(0).toISOString(), created_by: 'test/support/refit-image.ts' })),
    },
  })
}

async function appFiles(): Promise<LayerFile[]> {
  const packages = (await Promise.all(productionPackages().map((folder) => filesBelow(folder)))).flat()
  const paths = [
    join(root, 'package.json'),
    ...(await filesBelow(join(root, 'dist'))),
    ...packages.filter((path) => !unread.test(path)),
  ]
  return readAll(paths, (path) => `app/${relative(root, path)}`)
}

/** Folders of the packages that `npm ci --omit=dev` would install here. */
function productionPackages(): string[] {
  const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return [...new Set(listed.trim().split('\n'))].filter((folder) => folder !== root)
}

/** A package's own files, without the packages inside it and without natives of other platforms. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name)
      if (entry.isFile()) return [path]
      const skipped = entry.name === 'node_modules' || (folder === bridge && entry.name !== platform)
      return entry.isDirectory() && !skipped ? await filesBelow(path) : []
    }),
  )
  return found.flat()
}

/** Shared libraries that Temporal's native core needs and Node itself doesn't, such as librt. */
async function nativeLibraries(): Promise<LayerFile[]> {
  const libraries = (binary: string): string[] =>
    [...execFileSync('ldd', [binary], { encoding: 'utf8' }).matchAll(/=>\s*(\/\S+)\s/g)].flatMap(
      ([, path]) => path ?? [],
    )
  const known = new Set(libraries(process.execPath).map((path) => basename(path)))
  const more = libraries(join(bridge, platform, 'index.node')).filter((path) => !known.has(basename(path)))
  return readAll(more, (path) => path.slice(1))
}

/** There are more files than a process may open at once. */
const filesAtOnce = 64

function readAll(paths: string[], nameOf: (path: string) => string): Promise<LayerFile[]> {
  const limit = pLimit(filesAtOnce)
  return Promise.all(
    paths.map(async (path) => ({
      path: nameOf(path),
      content: await limit(() => readFile(path)),
      mode: 0o755,
    })),
  )
}
