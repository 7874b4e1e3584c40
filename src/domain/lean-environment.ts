/**
 * The environment in which a node of chap's own starts, and what its own children get. Pure. Where NODE_EXTRA_CA_CERTS is set, node reads all certificates
 * at its start, which takes it 38 ms of CPU (22 without); a chaperone has no use for them, but the commands that it starts may.
 */

const CERTIFICATES = 'NODE_EXTRA_CA_CERTS'
const ASIDE = 'CHAP_NODE_EXTRA_CA_CERTS'

type Environment = Readonly<Record<string, string | undefined>>

/** For a node that calls `restoreCertificates` at its start. */
export const withoutCertificates = (env: Environment): Environment => {
  const { [CERTIFICATES]: path, ...others } = env
  return path === undefined ? env : { ...others, [ASIDE]: path }
}

/** What its own children are to see again: changes `env` itself. */
export const restoreCertificates = (env: Record<string, string | undefined>): void => {
  const { [ASIDE]: path } = env
  if (path === undefined) return
  env[CERTIFICATES] = path
  delete env[ASIDE]
}
