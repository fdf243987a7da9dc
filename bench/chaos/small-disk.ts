import { execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { Stack } from '../../stack'

export interface SmallDisk {
  /** leaves no byte free */
  fill(): void
  free(): void
  /** once PostgreSQL is gone */
  remove(): void
}

const megabytes = 192

/** Puts Refit's own database on a small tmpfs that can be filled. Undefined where nothing may be mounted. */
export async function smallDisk({ postgres }: Stack): Promise<SmallDisk | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'refit-chaos-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    rmSync(folder, { recursive: true })
    return undefined
  }
  const [, , uid, gid] = serverAccount()
  chownSync(folder, Number(uid), Number(gid))
  const client = new Client({ connectionString: postgres.url('postgres') })
  await client.connect()
  try {
    await client.query(`create tablespace small location '${folder}'`)
    await client.query('alter database refit set tablespace small')
  } finally {
    await client.end()
  }
  const filler = join(folder, 'filler')
  return {
    fill() {
      try {
        writeFileSync(filler, Buffer.alloc(megabytes * 1024 * 1024))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove() {
      execFileSync('umount', ['-l', folder])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** As root the stack's PostgreSQL runs under an account of its own. */
function serverAccount(): string[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  const line = ['postgres:', 'nobody:'].map((name) => lines.find((each) => each.startsWith(name))).find(Boolean)
  return line?.split(':') ?? []
}
