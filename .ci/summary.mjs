// Print one line, `N passed, N failed, N skipped`, from vitest's JSON report and the exit status of the whole check;
// exit with 1 if anything failed.
import { readFileSync } from 'node:fs'

/** @typedef {import('vitest/node').JsonTestResults} Report */

const [path = '', checkStatus] = process.argv.slice(2)
const { passed, failed: failedTests, skipped } = count(readReport(path))
// The check is more than its tests: types, lint, an error outside of every test.
const failed = failedTests === 0 && checkStatus !== '0' ? 1 : failedTests
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = failed > 0 ? 1 : 0

/**
 * @param {string} file
 * @returns {Report | undefined}
 */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    console.error(`no report of the tests, so the check ended before them: ${error}`)
    return undefined
  }
}

/** @param {Report | undefined} report */
function count(report) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  // A file that cannot even be loaded has failed, without a single test that did.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}
