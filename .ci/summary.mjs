// Print one line, `N passed, N failed, N skipped`, from the exit status of the whole check and vitest's JSON reports (that of the
// simulation looks the same); exit with 1 if anything failed.
import { readFileSync } from 'node:fs'

/** @typedef {import('vitest/node').JsonTestResults} Report */

const [checkStatus, ...paths] = process.argv.slice(2)
const counts = paths.map((path) => count(readReport(path)))
/** @param {'passed' | 'failed' | 'skipped'} key */
const sum = (key) => counts.reduce((total, one) => total + (one?.[key] ?? 0), 0)
const [passed, failedTests, skipped] = [sum('passed'), sum('failed'), sum('skipped')]
// The check is more than its tests: types, lint, an error outside of every test. And what left no report has not passed.
const isWhole = checkStatus === '0' && counts.every((one) => one !== undefined)
const failed = failedTests === 0 && !isWhole ? 1 : failedTests
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
    console.error(`no report, so the check ended before it: ${error}`)
    return undefined
  }
}

/** @param {Report | undefined} report */
function count(report) {
  if (report === undefined) return undefined
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
