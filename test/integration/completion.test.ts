// Tab in bash, zsh and fish, each in a terminal, set up as chap completion --help says.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kill, start } from 'chap-jobs'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { chap, program } from '../rig/chap.ts'
import { enterSpool, good } from '../rig/library.ts'
import { testWith } from '../rig/requires.ts'
import { cleanUp, type Spool } from '../rig/spool.ts'
import { openTerminal } from '../rig/terminal.ts'

const test = testWith('linux')
let spool: Spool
const jobs: string[] = []
/** To a shell, if it were not quoted, a command. */
const EVIL = 'evil;echo<pwned'
const ERASE_LINE = '\u0015'

const put = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

beforeAll(async () => {
  spool = await enterSpool()
  const { home } = spool
  put(`${home}/.ssh/config`, 'Host gpu1 *.example.org\n  User me\nInclude conf.d/*.conf\n')
  put(`${home}/.ssh/conf.d/more.conf`, 'Host="web 1"\nhost db1 !db2\n')
  put(`${home}/script`, '')
  chmodSync(`${home}/script`, 0o755)
  mkdirSync(`${home}/bin`)
  symlinkSync(program, `${home}/bin/chap`)
  for (const name of ['train', EVIL])
    jobs.push(good(await start({ program: ['sleep', '1000'], name, label: { team: 'ml' } })).id)
})
afterAll(async () => {
  for (const id of jobs) await kill(id, { grace: 0 })
  await cleanUp(spool)
})

const ask = async (...words: string[]): Promise<string> => {
  const { stdout, stderr } = await chap(['__complete', '--', ...words], { spool })
  expect(stderr).toBe('')
  return stdout
}

describe('what a shell is answered', () => {
  test('live jobs, with what they are', async () => {
    const [train, evil] = jobs
    const about = `${hostname()}: sleep 1000 (running)`
    expect(await ask('kill', '')).toBe(
      `:words\n${evil}\t${about}\n${train}\t${about}\n${EVIL}\t${evil}: ${about}\ntrain\t${train}: ${about}\nlast\tthe newest job\n`,
    )
    // None of them has ended.
    expect(await ask('rm', '')).toBe(':words\n')
  })

  test('hosts of ssh and of the config file, behind a user and in a set', async () => {
    put(`${spool.home}/.config/chap/config.toml`, '[hosts.gpu2]\n[clusters]\nweb = "web[01-40]"\n')
    expect(await ask('start', 'me@gp')).toBe(':words\nme@gpu2\tconfig file\nme@gpu1\tssh\n')
    expect(await ask('start', '--host', 'gpu1,@')).toBe(':words\ngpu1,@web\tcluster: web[01-40]\n')
    expect(await ask('run', 'd')).toBe(':words\ndb1\tssh\n')
  })

  test('options that fit, and where files and commands begin', async () => {
    expect(await ask('ls', '--q')).toBe(':words\n--quiet\tids only\n')
    expect(await ask('ls', '-q', '--q')).toBe(':words\n')
    expect(await ask('start', '--log-file', 'x')).toBe(':files\n')
    expect(await ask('start', '--env', 'A=1', '--env')).toContain('--env\t')
    expect(await ask('run', '-q', 'gpu1', '--', 'ls', '-')).toBe(':program 4\n')
    expect(await ask('attach', '--color=a')).toBe(':words\n--color=auto\t\n--color=always\t\n')
    expect(await ask('nonsense', '')).toBe(':words\n')
  })
})

testWith('linux', 'bash')('bash: blanks and stars in names, and quotes behind a mark', () => {
  const script = fileURLToPath(new URL('../../src/cli/complete/completion.bash', import.meta.url))
  const cwd = `${spool.home}/names`
  for (const name of ['my file', 'my *']) put(`${cwd}/${name}`, '')
  const complete = (answer: string, ...words: readonly string[]): string[] =>
    execFileSync(
      'bash',
      [
        '-c',
        `. "$0"; chap() { printf %b "$answer"; }; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_POINT=\${#COMP_LINE}
        _chap; printf '%s\\n' "\${COMPREPLY[@]}"`,
        script,
        ...words,
      ],
      { cwd, encoding: 'utf8', env: { ...spool.env, answer, COMP_LINE: words.join('').replace('chap', 'chap ') } },
    )
      .trimEnd()
      .split('\n')
      .toSorted()
  expect(complete(':files\\n', 'chap', 'my')).toEqual(['my *', 'my file'])
  expect(complete(':words\\nteam=a b,c\\tx\\nteam=a\\tx\\n', 'chap', 'team', '=', 'a')).toEqual(['a', 'a\\ b,c'])
})

/** How each is set up, below the home directory, and called. */
const SHELLS = {
  bash: {
    file: '.bashrc',
    text: (script: string) => `PS1='ready$ '\n${script}`,
    argv: ['bash', '--noprofile', '-i'],
  },
  zsh: {
    file: 'functions/_chap',
    text: (script: string) => script,
    argv: ['zsh', '-i'],
  },
  fish: {
    file: '.config/fish/completions/chap.fish',
    text: (script: string) => script,
    argv: ['fish', '-i'],
  },
} as const

for (const shell of ['bash', 'zsh', 'fish'] as const)
  testWith(
    'linux',
    'tmux',
    shell,
  )(`${shell}: Tab completes signals, labels, jobs, options, hosts, files`, async () => {
    const { home, env } = spool
    const { file, text, argv } = SHELLS[shell]
    put(`${home}/${file}`, text((await chap(['completion', shell], { spool })).stdout))
    put(`${home}/.zshrc`, "fpath=(~/functions $fpath)\nautoload -U compinit && compinit -u -D\nPS1='ready$ '\n")
    put(`${home}/.config/fish/config.fish`, "function fish_prompt; echo 'ready$ '; end\nfunction fish_greeting; end\n")
    const path = `PATH=${home}/bin:${env['PATH']}`
    const terminal = openTerminal(spool, shell, ['env', '-C', home, path, 'TERM=xterm', ...argv])
    try {
      await terminal.untilShown('ready$')
      terminal.type('chap kill -s US\t1 -l te\ttr\t')
      await terminal.untilShown('chap kill -s USR1 -l team=ml train')
      terminal.type(ERASE_LINE)
      terminal.type('chap start --on-disconnect=ke\t--host gpu1,d\t-- ./scr\t')
      await terminal.untilShown('chap start --on-disconnect=keep --host gpu1,db1 -- ./script')
      terminal.type(ERASE_LINE)
      // What a job is called is never a command.
      terminal.type('chap inspect --js\tevi\t')
      await terminal.untilShown(/chap inspect --json .*pwned/)
      terminal.press('Enter')
      await terminal.untilShown(`/jobs/${jobs[1]}"`)
    } finally {
      terminal.close()
    }
  })
