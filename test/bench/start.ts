// How long `chap start` takes, here and over ssh.
import { type Bench, median, ms, type Row, time } from './row.ts'

const ROUNDS = 15

export const measureStart = async ({ root, sshd, spool }: Bench): Promise<Row[]> => {
  const { env } = spool
  const chap = [process.execPath, `${root}/bin/chap.js`, 'start']
  const ssh = ['-F', sshd.sshConfig]
  const taken = { node: [] as number[], local: [] as number[], ssh: [] as number[], plain: [] as number[] }
  for (let round = 0; round < ROUNDS; round += 1) {
    taken.node.push(time([process.execPath, '-e', '0'], env).ms)
    taken.local.push(time([...chap, '--', 'true'], env).ms)
    taken.plain.push(time(['ssh', ...ssh, sshd.host, 'true'], env).ms)
    taken.ssh.push(time([...chap, ...ssh, sshd.host, '--', 'true'], env).ms)
  }
  const [node, local, plain, overSsh] = [
    median(taken.node),
    median(taken.local),
    median(taken.plain),
    median(taken.ssh),
  ]
  return [
    {
      work: 'start, local, returns',
      chap: ms(local),
      rival: `2 x node -e 0: ${ms(2 * node)}`,
      ratio: (local / (2 * node)).toFixed(2),
      goal: '<= 1.4',
    },
    {
      work: 'start over ssh, returns with the pid known',
      chap: ms(overSsh),
      rival: `ssh true + local start: ${ms(plain + local)}`,
      ratio: (overSsh / (plain + local)).toFixed(2),
      goal: '<= 1.3',
    },
  ]
}
