import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(__dirname, '../..')

/** Another build of Refit: a copy of these sources with some of them changed. */
export interface NextBuild {
  /** Node's arguments up to those of the CLI */
  program: readonly string[]
  remove(): Promise<void>
}

/** `changes`: per file, a text in it and what stands there instead. */
export async function nextBuild(changes: Record<string, [string, string][]>): Promise<NextBuild> {
  const folder = await mkdtemp(join(tmpdir(), 'refit-next-'))
  for (const each of ['src', 'migrations', 'package.json', 'tsconfig.json'])
    await cp(join(root, each), join(folder, each), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [file, replacements] of Object.entries(changes)) {
    let text = await readFile(join(folder, file), 'utf8')
    for (const [from, to] of replacements) {
      if (!text.includes(from)) throw new Error(`${file} does not have: ${from}`)
      text = text.replace(from, to)
    }
    await writeFile(join(folder, file), text)
  }
  return {
    program: ['--import', require.resolve('tsx'), join(folder, 'src/cli.ts')],
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
