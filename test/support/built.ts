import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '../..')
const sources = ['src', 'migrations', 'web', 'scripts/bundle-workflows.ts', 'package-lock.json', 'package.json']
const settings = ['tsconfig.json', 'tsconfig.build.json', 'vite.config.ts']

/** `npm run build`, unless the last one has all that is in its sources: a minute or two for each test file. */
export function buildRefit(): void {
  // The page is built last.
  const last = join(root, 'dist/web/index.html')
  const since = existsSync(last) ? statSync(last).mtimeMs : 0
  if ([...sources, ...settings].flatMap(filesAt).every((file) => statSync(file).mtimeMs <= since)) return
  execFileSync('npm', ['run', '--silent', 'build'], {
    ...{ cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
    // Jest's own would make another page.
    env: { ...process.env, NODE_ENV: 'production' },
  })
}

function filesAt(path: string): string[] {
  const full = join(root, path)
  if (statSync(full).isFile()) return [full]
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
}
