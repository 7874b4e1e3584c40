/** A job on this machine, through the command line: its streams, its status, what it is given. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chap, startChap } from '../rig/chap.ts'
import { findByEnvironment } from '../rig/processes.ts'
import { cleanUp, makeSpool, type Spool } from '../rig/spool.ts'
import { until } from '../rig/until.ts'

let spool: Spool

beforeEach(async () => {
  spool = await makeSpool()
})
afterEach(() => cleanUp(spool))

const bin = new URL('../../bin/chap.js', import.meta.url).pathname

test.each([
  ['true', 0],
  ['exit 3', 3],
  ['exit 255', 255],
  ['kill -TERM $$', 143],
  ['kill -KILL $$', 137],
])('run -c %j exits %i', async (command, status) => {
  expect((await chap(['run', '-c', command], { spool })).exitCode).toBe(status)
})

test('both streams arrive exactly, and apart', async () => {
  const script = 'printf "a\\0b\\r\\n"; printf "\\377no newline" >&2; printf c'
  const { stdoutBytes, stderrBytes } = await chap(['run', '--', 'sh', '-c', script], { spool })
  expect(stdoutBytes).toEqual(Buffer.from('a\0b\r\nc'))
  expect(stderrBytes).toEqual(Buffer.concat([Buffer.from([255]), Buffer.from('no newline')]))
})

test('an argv arrives exactly', async () => {
  const words = ['', ' ', "it's", '"', '$HOME', '`id`', '!x', '*', 'a\nb', '\\', '-n', '--', 'é€😀']
  const script = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
  const { stdout } = await chap(['run', '--', process.execPath, '-e', script, '--', ...words], { spool })
  expect(JSON.parse(stdout)).toEqual(words)
})

test('stdin comes from what chap reads, from a file, and else from nowhere', async () => {
  const file = join(spool.home, 'in')
  await writeFile(file, 'from a file')
  expect((await chap(['run', '--stdin', '-', '--', 'cat'], { spool, input: 'typed' })).stdout).toBe('typed')
  expect((await chap(['run', '--stdin', file, '--', 'cat'], { spool })).stdout).toBe('from a file')
  expect((await chap(['run', '--', 'cat'], { spool, input: 'typed' })).stdout).toBe('')
})

test('environment and directory are as asked', async () => {
  const options = { spool, env: { HERE: 'taken from here' }, cwd: spool.home }
  const script = 'echo "$A|$HERE|$CHAP_JOB_NAME|$PWD"'
  const { stdout } = await chap(['run', '-n', 'web', '-e', 'A=b c', '-e', 'HERE', '-c', script], options)
  expect(stdout).toBe(`b c|taken from here|web|${spool.home}\n`)
  expect((await chap(['run', '--cwd', '/', '-c', 'pwd'], options)).stdout).toBe('/\n')
  expect(await chap(['start', '-e', 'UNSET_HERE', '--', 'true'], options)).toMatchObject({ exitCode: 2, stdout: '' })
  expect((await chap(['inspect', 'web', '--json'], options)).stdout).not.toContain('b c')
})

test('two attaches see the same, while it runs and after', async () => {
  const { stdout } = await chap(['start', '-c', 'for i in 1 2 3 4 5; do echo $i; sleep 0.05; done; exit 4'], { spool })
  const id = stdout.trim()
  const both = await Promise.all([chap(['attach', id], { spool }), chap(['attach', id], { spool })])
  for (const result of [...both, await chap(['attach', id], { spool })])
    expect(result).toMatchObject({ stdout: '1\n2\n3\n4\n5\n', exitCode: 4 })
})

test('Ctrl-C detaches and leaves the job alone', async () => {
  const { stdout } = await chap(['start', '-n', 'long', '-c', 'echo up; sleep 60'], { spool })
  const attached = startChap(['attach', 'long'], { spool })
  await until(() => attached.said() === 'up\n', { deadline: 10_000, what: 'the first line of attach' })
  attached.kill('SIGINT')
  const { exitCode, stderr } = await attached.result
  expect({ exitCode, stderr }).toEqual({
    exitCode: 130,
    stderr: `chap: detached; ${stdout.trim()} goes on; chap attach ${stdout.trim()}\n`,
  })
  expect((await chap(['inspect', 'long', '--json'], { spool })).stdout).toContain('"state":"running"')
})

test('a reader that goes away is no fault of the job', async () => {
  const { stdout } = await chap(['start', '-c', 'i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done'], { spool })
  await chap(['wait', stdout.trim()], { spool })
  const line = `node '${bin}' logs last | head -n 2; node '${bin}' attach last | head -n 1`
  const result = await execa('sh', ['-c', line], { env: { ...spool.env }, extendEnv: false, timeout: 30_000 })
  expect(result).toMatchObject({ stdout: '0\n1\n0', stderr: '' })
})

test('start works with its streams closed, and in an empty environment', async () => {
  const closed = `node '${bin}' start -n closed -- sh -c 'echo ran' <&- >&- 2>&-`
  expect(
    (await execa('sh', ['-c', closed], { env: { ...spool.env }, extendEnv: false, timeout: 30_000 })).exitCode,
  ).toBe(0)
  expect((await chap(['attach', 'closed'], { spool })).stdout).toBe('ran\n')
  const args = ['-i', `CHAP_SPOOL=${spool.dir}`, process.execPath, bin, 'run', '--', '/bin/echo', 'bare']
  expect((await execa('env', args, { extendEnv: false, timeout: 30_000 })).stdout).toBe('bare')
})

test('a job that ends at once is never missed', async () => {
  for (let turn = 0; turn < 10; turn += 1)
    expect(await chap(['run', '-c', 'echo last words; exit 9'], { spool })).toMatchObject({
      stdout: 'last words\n',
      exitCode: 9,
    })
})

test('values of the environment are kept apart from the spec, readable by nobody else, and removed at the end', async () => {
  const script = 'echo "$TOKEN"; until [ -e go ]; do sleep 0.02; done'
  const { stdout } = await chap(['start', '-e', 'TOKEN=s3cret', '-c', script], { spool })
  const dir = `${spool.dir}/jobs/${stdout.trim()}`
  expect(statSync(`${dir}/environment`).mode & 0o777).toBe(0o600)
  writeFileSync(`${spool.home}/go`, '')
  expect((await chap(['attach', stdout.trim()], { spool })).stdout).toBe('s3cret\n')
  await chap(['wait', stdout.trim()], { spool })
  const others = readdirSync(dir).filter((name) => name !== 'stdout' && statSync(`${dir}/${name}`).isFile())
  expect(others).not.toContain('environment')
  for (const name of others) expect(readFileSync(`${dir}/${name}`, 'utf8')).not.toContain('s3cret')
})

test("a chaperone does not read the certificates that are node's to read, and its command finds them named", async () => {
  const file = join(spool.home, 'certificates.pem')
  writeFileSync(file, '')
  const options = { spool, env: { NODE_EXTRA_CA_CERTS: file } }
  const script = 'printenv NODE_EXTRA_CA_CERTS CHAP_NODE_EXTRA_CA_CERTS; until [ -e go ]; do sleep 0.05; done'
  const running = startChap(['run', '-c', script], options)
  await until(() => running.said() !== '', { deadline: 20_000, what: 'what the command says' })
  expect(findByEnvironment('CHAP_NODE_EXTRA_CA_CERTS', file)).toHaveLength(1)
  writeFileSync(join(spool.home, 'go'), '')
  expect((await running.result).stdout).toBe(`${file}\n`)
})
