import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pack } from 'tar-stream'
import type { Context } from '../context'
import { request } from '../http'
import { run } from '../run'
import { toolVersion } from '../tools'

/** The image of every pod's sandbox, in the registry of a stack with a real node. */
export function pauseImage({ state }: Context): string {
  return `127.0.0.1:${state.ports.registry}/refit/pause:${toolVersion('pause')}`
}

/** Puts the pause image into the stack's registry, unless it is there. */
export async function pushPauseImage(context: Context): Promise<void> {
  const { state, bin } = context
  const manifest = `http://127.0.0.1:${state.ports.registry}/v2/refit/pause/manifests/${toolVersion('pause')}`
  const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'
  if ((await request(manifest, { method: 'HEAD', headers: { accept } })).status === 200) return

  const folder = mkdtempSync(join(tmpdir(), 'refit-pause-'))
  try {
    const layer = join(folder, 'layer.tar')
    writeFileSync(layer, await tarOf('pause', readFileSync(bin('pause'))))
    const image = pauseImage(context)
    await run(bin('crane'), ['append', '--insecure', '--oci-empty-base', '-f', layer, '-t', image])
    const platform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`
    await run(bin('crane'), [
      'mutate',
      '--insecure',
      image,
      '--entrypoint',
      '/pause',
      '--set-platform',
      platform,
      '-t',
      image,
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function tarOf(name: string, content: Buffer): Promise<Buffer> {
  const archive = pack()
  // A fixed time gives the same digest on every machine.
  archive.entry({ name, mode: 0o755, mtime: new Date(0) }, content)
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
