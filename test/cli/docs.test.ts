import { readFileSync } from 'node:fs'
import { cliDocs, cliDocsFile } from '../../scripts/cli-docs'

test('docs/cli.md has every command as it is now (npx tsx scripts/cli-docs.ts writes it)', () => {
  const written = readFileSync(cliDocsFile, 'utf8')
  expect(written).toBe(cliDocs(written))
})
