/** Ends a run with one plain line that any script can read, or hands the counts to scripts/test.ts, which adds runs up. */
const { writeFileSync } = require('node:fs')

class PlainReporter {
  onRunComplete(_contexts, results) {
    const counts = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    }
    const file = process.env.REFIT_TEST_COUNTS
    if (file) writeFileSync(file, JSON.stringify(counts))
    else process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`)
  }
}
module.exports = PlainReporter
