import { randomUUID } from 'node:crypto'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { layer, toBlob, type Blob, type LayerFile } from './layer'

const run = promisify(execFile)

export const USER = 65532
export const NODE_PATH = '/usr/local/bin/node'

const PASSWD = `root:x:0:0:root:/:/sbin/nologin\nhub:x:${USER}:${USER}:hub:/:/sbin/nologin\n`
const GROUP = `root:x:0:\nhub:x:${USER}:\n`

export interface Base {
  layer: Blob
  /** where the shared libraries are, for LD_LIBRARY_PATH */
  libraryDirectories: string[]
}

/** The running machine's Node with the libraries it needs: a root file system without Docker and without a download. */
export async function nodeBase(cacheDirectory: string): Promise<Base> {
  if (process.platform !== 'linux') throw new Error('images for Linux pods can only be made on Linux')
  const node = await realpath(process.execPath)
  const libraries = await sharedLibraries(node)
  const libraryDirectories = [...new Set(libraries.map(dirname))]
  const cached = join(cacheDirectory, `node-base-${await fingerprint([node, ...libraries])}.tar`)
  const content = await readFile(cached).catch(() => null)
  if (content) return { layer: toBlob(content), libraryDirectories }

  const built = await layer(
    [
      { path: NODE_PATH.slice(1), content: await readFile(node), mode: 0o755 },
      ...(await Promise.all(libraries.map(libraryFile))),
      { path: 'etc/passwd', content: Buffer.from(PASSWD), mode: 0o644 },
      { path: 'etc/group', content: Buffer.from(GROUP), mode: 0o644 },
    ],
    [{ path: 'tmp', mode: 0o1777 }],
  )
  await mkdir(cacheDirectory, { recursive: true })
  // Two of one process may build at once, too.
  const mine = `${cached}.${randomUUID()}`
  await writeFile(mine, built.content)
  await rename(mine, cached)
  return { layer: built, libraryDirectories }
}

/** Absolute paths as the loader looks for them; none for a static binary. */
async function sharedLibraries(binary: string): Promise<string[]> {
  const { stdout } = await run('ldd', [binary]).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }))
  const missing = /(\S+) => not found/.exec(stdout)
  if (missing) throw new Error(`${binary} needs ${missing[1]}, which was not found`)
  return [...stdout.matchAll(/(?:=>\s*|^\s*)(\/\S+)\s+\(0x/gm)].flatMap(([, path]) => path ?? []).sort()
}

async function libraryFile(path: string): Promise<LayerFile> {
  return { path: path.slice(1), content: await readFile(path), mode: 0o755 }
}

async function fingerprint(paths: string[]): Promise<string> {
  const facts = await Promise.all(
    paths.map(async (path) => [path, (await stat(path)).size, (await stat(path)).mtimeMs]),
  )
  return createHash('sha256')
    .update(JSON.stringify([facts, PASSWD]))
    .digest('hex')
    .slice(0, 16)
}
