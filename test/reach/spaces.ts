// Places on this machine that are not quite this machine: namespaces, and a root directory with nothing but busybox.
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { needProgram } from '../rig/programs.ts'
import { until } from '../rig/until.ts'

/** A network namespace with a name, and a process with a host name and mounts of its own. */
export const makeSpaces = async (
  cwd: string,
): Promise<{ readonly netns: string; readonly holder: number; readonly undo: () => void }> => {
  const netns = `chap-t-${randomBytes(4).toString('hex')}`
  execFileSync(needProgram('ip'), ['netns', 'add', netns])
  const script = 'echo chap-t-uts >/proc/sys/kernel/hostname; echo ready; exec sleep infinity'
  const child = spawn('unshare', ['--uts', '--mount', 'sh', '-c', script], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await until(() => said === 'ready\n', { deadline: 10_000, what: 'a host name of its own' })
  const undo = (): void => {
    child.kill('SIGKILL')
    execFileSync(needProgram('ip'), ['netns', 'delete', netns])
  }
  return { netns, holder: child.pid ?? 0, undo }
}

/** A root directory: busybox, the libraries that it needs, /proc, /dev, and `place` as it is here. */
export const makeBox = (place: string): { readonly box: string; readonly undo: () => void } => {
  const box = mkdtempSync(join(tmpdir(), 'chap-t-box-'))
  chmodSync(box, 0o755)
  const busybox = needProgram('busybox')
  for (const file of [busybox, ...librariesOf(busybox)]) {
    const copy = file === busybox ? `${box}/bin/busybox` : `${box}${file}`
    mkdirSync(dirname(copy), { recursive: true })
    copyFileSync(file, copy)
  }
  writeFileSync(`${box}/proof`, 'in the box\n')
  for (const dir of ['/proc', '/dev', place]) mkdirSync(`${box}${dir}`, { recursive: true })
  execFileSync(needProgram('chroot'), [box, '/bin/busybox', '--install', '-s', '/bin'])
  execFileSync('mount', ['-t', 'proc', 'proc', `${box}/proc`])
  for (const dir of ['/dev', place]) execFileSync('mount', ['--bind', dir, `${box}${dir}`])
  const undo = (): void => {
    for (const dir of [place, '/dev', '/proc']) execFileSync('umount', [`${box}${dir}`])
    rmSync(box, { recursive: true })
  }
  return { box, undo }
}

const librariesOf = (program: string): string[] =>
  execFileSync('sh', ['-c', 'ldd "$1" || true', 'sh', program], { encoding: 'utf8' })
    .split(/\s+/)
    .filter((word) => word.startsWith('/'))
