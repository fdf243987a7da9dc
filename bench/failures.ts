/**
 * Twelve ways to fail, on a real node under load: seconds from the first fatal sign to the verdict, from there until the
 * old image is ready again, and payments that failed. `-- NAME…` runs only these. Last line: JSON.
 */
import { failures } from './failures/list'
import { withLoadedHub } from './failures/hub'
import { type Measured, measureFailure } from './failures/measure'
import { runBench } from './hub'

const wanted = process.argv.slice(2)

runBench(() =>
  withLoadedHub(async (instruments) => {
    const table: Measured[] = []
    for (const [index, failure] of failures.entries()) {
      if (wanted.length > 0 && !wanted.includes(failure.name)) continue
      const row = await measureFailure(instruments, failure, `v1.0.${index + 1}`)
      process.stderr.write(`${JSON.stringify(row)}\n`)
      table.push(row)
    }
    return { bench: 'failures', table }
  }),
)
