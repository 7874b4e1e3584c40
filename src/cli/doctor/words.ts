/** What doctor says of a step, and what to do about what is wrong. */

import { wordsOfProblem } from '../problem-words.ts'
import { wordsOfFault } from '../words.ts'
import type { Complaint, Step, StepName } from './step.ts'

const LABELS: Readonly<Record<StepName, string>> = {
  config: 'config file',
  ssh: 'ssh here',
  options: 'ssh options',
  name: 'host name',
  tcp: 'network',
  connection: 'connection',
  host_key: 'host key',
  login: 'login',
  shell: 'sh',
  rc_files: 'rc files',
  programs: 'programs',
  directory: 'directory',
  space: 'disk space',
  clock: 'clock',
  logout: 'after logout',
  sessions: 'sessions',
  round_trip: 'round trip',
  node: 'node',
  spool: 'spool',
  file_system: 'file system',
  sockets: 'ssh sockets',
  inotify: 'inotify',
  descriptors: 'open files',
  agent: 'ssh agent',
  autostart: 'after a boot',
}

/** Lingering is for systemd's user services: it keeps no process of a session. */
const LOGIND = 'have root set KillUserProcesses=no, or KillExcludeUsers=<you>, in /etc/systemd/logind.conf'

export const labelOf = ({ name }: Pick<Step, 'name'>): string => LABELS[name]

/** @param host as ssh is given it */
export const hintOf = (complaint: Complaint, host: string): string | null => {
  switch (complaint.code) {
    case 'fault':
      return wordsOfFault(complaint.fault, host).hint
    case 'spool':
      return wordsOfProblem({ code: 'spool', fault: complaint.fault }).hint
    case 'config':
      return complaint.hint
    case 'no_ssh':
      return "install OpenSSH's client; without it only jobs of this machine run"
    case 'old_ssh':
      return 'chap takes OpenSSH 8.7 or newer on this machine; the servers may have any'
    case 'noisy':
      return 'it does no harm, but costs time: let rc files print for interactive shells only'
    case 'missing':
      return `install ${complaint.programs.join(', ')} there, or use --plain`
    case 'no_session':
      return 'install setsid (util-linux), perl or python3 there: without, a kill reaches the command, and not what it started'
    case 'no_directory':
      return wordsOfFault({ code: 'no_directory', evidence: '' }, host).hint
    case 'little_space':
      return `make room in ${complaint.place}; output waits there until it is home`
    case 'clock':
      return 'times of jobs are those of the machine they ran on: let NTP set both clocks'
    case 'killed_at_logout':
      return complaint.here
        ? `a logout ends chaperones, and the jobs of this machine: ${LOGIND}; chap recover goes on with the others`
        : `jobs would end when the connection does: ${LOGIND}, there`
    case 'little_room':
      return 'chap ls --disk shows what jobs take of it; chap prune removes those that ended long ago'
    case 'few_sessions':
      return "each job takes more connections than one: raise MaxSessions in the server's sshd_config"
    case 'network_file_system':
      return 'set CHAP_SPOOL to a directory on a disk of this machine: a network file system tells of no changes, and hangs with its server'
    case 'volatile_file_system':
      return 'it is lost when this machine restarts: set CHAP_SPOOL to a directory on a disk'
    case 'no_sockets':
      return 'set XDG_RUNTIME_DIR to a short path of a directory of your own'
    case 'no_inotify':
      return 'chap looks by itself then, which is slower: raise fs.inotify.max_user_instances, or max_user_watches (sysctl)'
    case 'few_descriptors':
      return 'ulimit -n gives more, or fs.file-max (sysctl) where all are in use; each job takes about ten'
    case 'agent':
      return 'start an agent and ssh-add a key, or unset SSH_AUTH_SOCK'
    case 'no_autostart':
      return `chap autostart enable, or by hand (${complaint.place}):\n${complaint.text.trimEnd()}`
    case 'no_linger':
      return 'loginctl enable-linger has it run at boot'
    case 'no_cron':
      return 'start cron, or chap autostart enable --by systemd'
    case 'stale_autostart':
      return 'chap autostart enable writes it anew'
  }
}
