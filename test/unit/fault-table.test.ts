import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const table = new URL('../fault/README.md', import.meta.url)

test('the fault table has 30 rows, and each leads to a test that is there', () => {
  const rows = readFileSync(table, 'utf8')
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
  expect(rows.map((row) => Number(/\d+/.exec(row)?.[0]))).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
  for (const row of rows) {
    const links = [...row.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path)
    expect(links.length, row).toBeGreaterThan(0)
    for (const link of links) expect(existsSync(fileURLToPath(new URL(link, table))), link).toBe(true)
  }
})
