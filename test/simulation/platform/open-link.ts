// In place of src/chaperone/open-link.ts: the real link over a virtual transport.
import { leaseOf, type Spec } from '../../../src/domain/spec.ts'
import type { JobPaths } from '../../../src/spool/layout.ts'
import { remoteName } from '../../../src/transport/command-text.ts'
import { openLauncherLink } from '../../../src/transport/launcher-link.ts'
import type { OpenLink } from '../../../src/transport/link.ts'
import { stage } from '../stage.ts'
import { virtualTransport } from '../transport.ts'

const DEADLINE_MS = 25_000

export const linkOpener =
  (spec: Spec, paths: JobPaths): OpenLink =>
  (generation, isKnown, listener, signal) => {
    stage().machine.call()
    stage().law.onConnect(generation)
    const hello = {
      nonce: spec.nonce,
      policy: spec.onDisconnect,
      lease: leaseOf(spec) ?? 0,
      timeout: spec.limits.timeout ?? 0,
      idleTimeout: spec.limits.idleTimeout ?? 0,
      maxOutput: spec.limits.maxOutput ?? 0,
      onMaxOutput: spec.limits.onMaxOutput,
      grace: spec.limits.grace,
      name: remoteName(spec),
      root: null,
      series: spec.series,
      runs: null,
      stdout: null,
      stderr: null,
      stdin: '/dev/null',
      generation,
      isKnown,
    }
    const files = { stdin: paths.stdin, stdout: paths.stdout, stderr: paths.stderr, runs: paths.runs }
    const transport = virtualTransport()
    const onDoubtful = spec.keepalive.eager === true && leaseOf(spec) === null ? () => undefined : null
    return openLauncherLink(
      { spec, files, skip: null, hello, transport, keepalive: null, onDoubtful, deadline: DEADLINE_MS, signal },
      listener,
    )
  }
