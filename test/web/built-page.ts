import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pageFolder } from '../../src/api/page'

const root = join(__dirname, '../..')

/** Builds the page unless the last build has all that is in its sources. */
export function buildPage(): void {
  const built = join(pageFolder(), 'index.html')
  const since = existsSync(built) ? statSync(built).mtimeMs : 0
  if ([...filesIn('web'), join(root, 'vite.config.ts')].every((file) => statSync(file).mtimeMs <= since)) return
  execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], {
    ...{ cwd: root, stdio: 'pipe' },
    // Jest's own would make another page than `npm run build` does.
    env: { ...process.env, NODE_ENV: 'production' },
  })
}

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
