/** Whose certificates are trusted: those of a given file; else node's own, and those of this system. */
import { existsSync, readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'

/** Where systems have theirs: Debian, Fedora, SUSE, then Alpine, macOS and the BSDs. */
const PLACES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** @throws ErrnoException where a file that was asked for can't be read */
export const readAuthorities = (ca: string | null): string[] => {
  if (ca !== null) return [readFileSync(ca, 'utf8')]
  const { SSL_CERT_FILE: own, NODE_EXTRA_CA_CERTS: extra } = process.env
  const files = [own ?? PLACES.find((place) => existsSync(place)), extra].filter((file) => file !== undefined)
  return [...rootCertificates, ...files.map((file) => readFileSync(file, 'utf8'))]
}
