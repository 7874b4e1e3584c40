// Places on this machine that are not quite this machine: namespaces, and a root directory with nothing but busybox.
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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

/** A root directory: busybox, the libraries that it needs, /proc, some devices, and `place` as it is here. */
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
  execFileSync('mount', ['--bind', place, `${box}${place}`])
  makeDevices(`${box}/dev`)
  const undo = (): void => {
    for (const dir of [place, '/dev', '/proc']) execFileSync('umount', [`${box}${dir}`])
    rmSync(box, { recursive: true })
  }
  return { box, undo }
}

/** Not the machine's own /dev bound to a second place: whoever removed what a killed test left in /tmp would empty it. */
const makeDevices = (dir: string): void => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', dir])
  for (const [name, minor] of Object.entries({ null: '3', zero: '5', random: '8', urandom: '9' }))
    execFileSync('mknod', ['-m', '666', `${dir}/${name}`, 'c', '1', minor])
  for (const [name, at] of Object.entries({ fd: '', stdin: '/0', stdout: '/1', stderr: '/2' }))
    symlinkSync(`/proc/self/fd${at}`, `${dir}/${name}`)
}

const librariesOf = (program: string): string[] =>
  execFileSync('sh', ['-c', 'ldd "$1" || true', 'sh', program], { encoding: 'utf8' })
    .split(/\s+/)
    .filter((word) => word.startsWith('/'))
