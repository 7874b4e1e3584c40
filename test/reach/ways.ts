// Every way to reach a machine: what a person types, and how a test does it. The table in README.md is this list.
import type { Need } from '../rig/requires.ts'
import type { World } from './world.ts'

export interface Way {
  /** The first column of the table in README.md, and what the test is called. */
  readonly name: string
  /** The second: what a person types. */
  readonly typed: string
  readonly needs: readonly Need[]
  /** The same for this machine: options of `chap start`, and the host. */
  readonly args: (world: World) => readonly string[]
  /** A command whose output shows that it runs where it should, and that output. */
  readonly proof: (world: World) => readonly [command: string, output: string]
  /** Does an account without rights run chap? Else root does. */
  readonly isUnprivileged?: true
  /** Breaks the connection in the middle; else the local end of its control session is killed. */
  readonly cut?: (world: World) => Promise<void>
  /** What stands before a path there, to name it from here. */
  readonly root?: (world: World) => string
  /** The same way, where somebody says no for good: why, and in whose words. */
  readonly refused: ((world: World) => readonly [args: readonly string[], reason: string, evidence: RegExp]) | null
}

const SSH = ['linux', 'root', 'ssh', 'sshd', 'dash', 'bash', 'zsh'] as const
const SUDO = [...SSH, 'sudo'] as const

const whoami = (user: string): readonly [string, string] => ['id -un; pwd', `${user}\n/home/${user}\n`]

export const ways: readonly Way[] = [
  {
    name: 'direct ssh',
    typed: 'chap run gpu1 -- cmd',
    needs: SSH,
    args: ({ config, sshd }) => ['-F', config, sshd.host],
    proof: () => ['test -n "$SSH_CONNECTION" && id -un', 'root\n'],
    refused: ({ config, sshd }) => [
      ['-F', config, '-o', 'UserKnownHostsFile=/dev/null', sshd.host],
      'host_key',
      /host key/i,
    ],
  },
  {
    name: 'ssh-as',
    typed: 'chap run www@gpu1 -- cmd',
    needs: SSH,
    args: ({ config, target, sshd }) => ['-F', config, sshd.destination(target.user)],
    proof: ({ target }) => whoami(target.user),
    refused: ({ config, sshd }) => [
      ['-F', config, sshd.destination('chap-t-nobody')],
      'authentication',
      /Permission denied \(/,
    ],
  },
  {
    name: 'sudo-then-ssh',
    typed: 'chap run --sudo-first deploy gpu1 -- cmd',
    needs: SUDO,
    isUnprivileged: true,
    // Without -F: the configuration and the key are that user's.
    args: ({ target, sshd }) => ['--sudo-first', target.user, sshd.host],
    proof: ({ target }) => whoami(target.user),
    refused: ({ stranger, sshd }) => [
      ['--sudo-first', stranger.user, sshd.host],
      'sudo_denied',
      /password is required/,
    ],
  },
  {
    name: 'ssh-then-sudo',
    typed: 'chap run --sudo www gpu1 -- cmd',
    needs: SUDO,
    args: ({ config, self, target, sshd }) => ['-F', config, '--sudo', target.user, sshd.destination(self.user)],
    proof: ({ target }) => whoami(target.user),
    refused: ({ config, self, stranger, sshd }) => [
      ['-F', config, '--sudo', stranger.user, sshd.destination(self.user)],
      'sudo_denied',
      /password is required/,
    ],
  },
  {
    name: 'local',
    typed: 'chap run -- cmd',
    needs: ['linux'],
    args: () => [],
    proof: () => ['test -z "$SSH_CONNECTION" && echo here', 'here\n'],
    refused: null,
  },
  {
    name: 'local sudo',
    typed: 'chap run --sudo www -- cmd',
    needs: SUDO,
    isUnprivileged: true,
    args: ({ target }) => ['--sudo', target.user],
    proof: ({ target }) => whoami(target.user),
    refused: ({ stranger }) => [['--sudo', stranger.user], 'sudo_denied', /password is required/],
  },
  {
    name: 'relay',
    typed: 'chap run --relay gate www@gpu1 -- cmd',
    needs: SSH,
    args: ({ config, self, target, relay, sshd }) => [
      '-F',
      config,
      '--relay',
      relay.destination(target.user),
      sshd.destination(self.user),
    ],
    proof: ({ self }) => whoami(self.user),
    cut: ({ sshd }) => sshd.killSessions(),
    refused: ({ config, target, relay, sshd }) => [
      ['-F', config, '--relay', relay.destination(target.user), sshd.destination('chap-t-nobody')],
      'authentication',
      /Permission denied \(/,
    ],
  },
  {
    name: 'jump',
    typed: 'chap run -J gate www@gpu1 -- cmd',
    needs: SSH,
    args: ({ config, self, target, gate, sshd }) => [
      '-F',
      config,
      '-J',
      gate.destination(self.user),
      sshd.destination(target.user),
    ],
    proof: ({ target }) => whoami(target.user),
    cut: ({ gate }) => gate.killSessions(),
    refused: ({ config, target, gate, sshd }) => [
      ['-F', config, '-J', gate.destination('chap-t-nobody'), sshd.destination(target.user)],
      'authentication',
      /Permission denied \(/,
    ],
  },
  {
    name: 'ip netns exec',
    typed: "chap run --via 'ip netns exec blue' -- cmd",
    needs: ['linux', 'root', 'ip', 'namespaces'],
    args: ({ netns }) => ['--via', `ip netns exec ${netns}`],
    proof: ({ netns }) => ['ip netns identify', `${netns}\n`],
    refused: () => [['--via', 'ip netns exec chap-t-none'], 'no_shell', /Cannot open network namespace/],
  },
  {
    name: 'nsenter',
    typed: "chap run --via 'nsenter -a -t 4711' -- cmd",
    needs: ['linux', 'root', 'unshare', 'namespaces'],
    args: ({ holder }) => ['--via', `nsenter --uts --mount --target ${holder}`],
    proof: () => ['uname -n', 'chap-t-uts\n'],
    refused: () => [['--via', 'nsenter --uts --target 4194305'], 'no_shell', /nsenter: /],
  },
  {
    name: 'chroot with busybox only',
    typed: "chap run --via 'chroot /srv/box' -- cmd",
    needs: ['linux', 'root', 'busybox', 'namespaces'],
    args: ({ box }) => ['--via', `chroot ${box}`],
    proof: () => ['cat /proof; ls /usr 2>/dev/null | wc -l', 'in the box\n0\n'],
    root: ({ box }) => box,
    refused: ({ place }) => [['--via', `chroot ${place}`], 'no_shell', /.sh.*No such file/],
  },
  {
    name: 'su',
    typed: "chap run --via-line 'su www -s /bin/sh -c' -- cmd",
    needs: ['linux', 'root', 'dash', 'bash'],
    args: ({ target }) => ['--via-line', `su ${target.user} -s /bin/sh -c`],
    proof: ({ target }) => ['id -un', `${target.user}\n`],
    refused: () => [['--via-line', 'su chap-t-nobody -c'], 'sudo_denied', /does not exist/],
  },
  {
    name: 'sudo as a prefix',
    typed: "chap run --via 'sudo -n -u www --' -- cmd",
    needs: SUDO,
    isUnprivileged: true,
    args: ({ target }) => ['--via', `sudo -n -u ${target.user} --`],
    proof: ({ target }) => ['id -un', `${target.user}\n`],
    refused: ({ stranger }) => [['--via', `sudo -n -u ${stranger.user} --`], 'sudo_denied', /password is required/],
  },
  {
    name: 'ush',
    typed: "chap run --via-line 'ush {host}' gpu1 -- cmd",
    needs: ['linux', 'dash'],
    args: ({ ush }) => ['--via-line', `${ush} {host}`, 'gpu1'],
    proof: () => ['echo "$USH_HOST"', 'gpu1\n'],
    refused: ({ ush }) => [['--via-line', `${ush}.not {host}`, 'gpu1'], 'no_program', /ENOENT/],
  },
]
