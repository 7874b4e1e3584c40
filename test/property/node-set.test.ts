// Node sets both ways: what is folded and expanded again is the same set, and no text, however hostile, is more than a refusal.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Clusters, type Expanded, expandNodes, MOST_NODES } from '../../src/domain/expand-nodes.ts'
import { foldNodes } from '../../src/domain/node-set.ts'

const namesOf = (text: string, clusters?: Clusters): readonly string[] => {
  const expanded = expandNodes(text, clusters)
  if (!expanded.ok) throw new Error(`${text}: ${expanded.fault.code}`)
  return expanded.names
}
const faultOf = (expanded: Expanded): string | undefined => (expanded.ok ? undefined : expanded.fault.code)

describe('a node set', () => {
  test.each([
    ['web[01-03],db1', 'web01 web02 web03 db1'],
    ['web[08-12]', 'web08 web09 web10 web11 web12'],
    ['web[0-10/5]', 'web0 web5 web10'],
    ['web[1,3,5-7]', 'web1 web3 web5 web6 web7'],
    ['web[01,1]', 'web01 web1'],
    ['rack[1-2]n[1-2]', 'rack1n1 rack1n2 rack2n1 rack2n2'],
    ['web[1-5]!web[3-4]', 'web1 web2 web5'],
    ['web[1-5]&web[4-9]', 'web4 web5'],
    ['web[1-3]^web[3-4]', 'web1 web2 web4'],
    ['w[1-5]!w2&w[1-3]', 'w1 w3'],
    ['w1!w[1-3]', ''],
    ['a,b,a', 'a b'],
    [' web1  web2 , web3 ', 'web1 web2 web3'],
    ['root@web[1-2]:22', 'root@web1:22 root@web2:22'],
    ['[fe80::1%eth0]:22,[::1]', '[fe80::1%eth0]:22 [::1]'],
    ['ssh://me@web[1-2]:22', 'ssh://me@web1:22 ssh://me@web2:22'],
  ])('%s is %s', (text, names) => {
    expect(namesOf(text).join(' ')).toBe(names)
  })

  test.each([
    ['', 'no_operand'],
    ['!a', 'no_operand'],
    ['a,,b', 'no_operand'],
    ['a,', 'no_operand'],
    ['web[', 'bad_bracket'],
    ['web]', 'bad_bracket'],
    ['web[[1]]', 'bad_bracket'],
    ['web[]', 'bad_range'],
    ['web[1-]', 'bad_range'],
    ['web[5-3]', 'bad_range'],
    ['web[01-100]', 'bad_range'],
    ['web[1-9/0]', 'bad_range'],
    ['web[a-c]', 'bad_range'],
    ['web[1-99999999999999999999]', 'bad_range'],
    ['web[1-1000000000]', 'too_many'],
    ['web[1-999][1-999]', 'too_many'],
    ['web[1-60000],db[1-60000]', 'too_many'],
    ['a\u0000b', 'bad_name'],
    ['@nobody', 'no_such_cluster'],
  ])('%s is refused: %s', (text, code) => {
    expect(faultOf(expandNodes(text))).toBe(code)
  })

  test('takes clusters, in clusters, and none in itself', () => {
    const clusters = new Map([
      ['all', '@web,db1'],
      ['web', 'web[1-3]!web2'],
      ['rack1', 'a'],
      ['rack2', 'b'],
      ['a', '@b'],
      ['b', 'x,@c'],
      ['c', '@a'],
    ])
    expect(namesOf('@all!web3', clusters)).toEqual(['web1', 'db1'])
    expect(namesOf('@rack[1-2]', clusters)).toEqual(['a', 'b'])
    expect(faultOf(expandNodes('@a', clusters))).toBe('cluster_in_itself')
  })

  test('a cluster that doubles a hundred times is read once', () => {
    const levels = Array.from({ length: 100 }, (_, level): [string, string] => [
      `c${level}`,
      level === 0 ? 'x' : `@c${level - 1},@c${level - 1}`,
    ])
    expect(namesOf('@c99', new Map(levels))).toEqual(['x'])
  })

  test('the longest lists take no time to speak of', () => {
    const start = performance.now()
    expect(namesOf('a,b '.repeat(MOST_NODES))).toEqual(['a', 'b'])
    expect(namesOf(`${' '.repeat(MOST_NODES)}a`)).toEqual(['a'])
    expect(namesOf(`web[1-${MOST_NODES}]`)).toHaveLength(MOST_NODES)
    expect(performance.now() - start).toBeLessThan(5_000)
  })

  test('any text is names or a fault', () => {
    const pieces = fc.constantFrom(
      'web',
      '[',
      ']',
      '1',
      '01',
      '-',
      ',',
      '!',
      '&',
      '^',
      '/',
      '@',
      ' ',
      ':',
      '\u001b',
      '[1-3]',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (words) => {
        const text = words.join('')
        const expanded = expandNodes(text)
        const [length, limit] = expanded.ok
          ? [expanded.names.length, new Set(expanded.names).size]
          : [expanded.fault.at.length, text.length]
        expect(length).toBeLessThanOrEqual(limit)
      }),
    )
  })
})

const part = fc.oneof(
  fc.constantFrom('web', 'db-', 'n', '.', '@', ':', 'x'),
  fc.nat({ max: 120 }).map(String),
  fc.nat({ max: 12 }).map((number) => String(number).padStart(2, '0')),
  fc.constant('12345678901234567890'),
)
const name = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))
  .filter((text) => !text.startsWith('@'))

describe('folded names', () => {
  test.each([
    ['web01 web02 web03 db1', 'db1,web[01-03]'],
    ['w8 w9 w10 w08 w09', 'w[8-9,08-10]'],
    ['web03 web17', 'web[03,17]'],
    ['a1b1 a1b2 a2b1 a2b2', 'a[1-2]b[1-2]'],
    ['10.0.0.1 10.0.0.2', '10.0.0.[1-2]'],
    ['web1:22 web2:22', 'web[1-2]:22'],
    ['[::1]:22', '[::1]:22'],
    ['web web', 'web'],
  ])('%s are %s', (names, set) => {
    expect(foldNodes(names.split(' '))).toBe(set)
  })

  test('are the same names when expanded again', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 40 }), (names) => {
        expect([...namesOf(foldNodes(names))].sort()).toEqual([...new Set(names)].sort())
      }),
      { numRuns: 500 },
    )
  })

  test('do not depend on the order of the names', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 20 }), (names) => {
        expect(foldNodes(names.toReversed())).toBe(foldNodes(names))
      }),
    )
  })
})
