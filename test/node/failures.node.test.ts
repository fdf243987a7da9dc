import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { failures } from '../../bench/failures/list'
import { withLoadedHub } from '../../bench/failures/hub'
import { type Instruments, type Measured, measureFailure } from '../../bench/failures/measure'

const table: Measured[] = []
let instruments: Instruments
let closed: Promise<void> | undefined
let close: () => void = () => undefined

beforeAll(async () => {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: join(__dirname, '../..'), stdio: ['ignore', 2, 'inherit'] })
  instruments = await new Promise<Instruments>((opened, failed) => {
    closed = withLoadedHub(async (given) => {
      opened(given)
      await new Promise<void>((resolve) => (close = resolve))
    })
    closed.catch(failed)
  })
}, 900_000)
afterAll(async () => {
  close()
  await closed
  process.stderr.write(`${JSON.stringify(table)}\n`)
}, 120_000)

test.each(failures.map((failure, index) => ({ ...failure, tag: `v1.0.${index + 1}` })))(
  '$name: $outcome, with the reason',
  async ({ tag, ...failure }) => {
    const row = await measureFailure(instruments, failure, tag)
    table.push(row)
    expect(row.outcome).toBe(failure.outcome)
    expect(row.message).toMatch(failure.says)
    expect(row.sent).toBeGreaterThan(0)
    // Every one of these shows before a new pod answers a payment wrongly; the last one is an outage of the database.
    if (failure.outcome !== 'held') expect(row).toMatchObject({ failed: 0, failedLater: 0 })
  },
  400_000,
)
