/** Ends the run with one plain line that any script can read: `N passed, N failed`. */
class PlainReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    process.stdout.write(`${results.numPassedTests} passed, ${failed} failed\n`)
  }
}
module.exports = PlainReporter
