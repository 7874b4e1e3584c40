/** POSIX cksum. Pure: for a few bytes it is quicker than a process. */

const POLYNOMIAL = 0x04c11db7

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1
  return crc
})

/** What cksum(1) says of these bytes. */
export const cksum = (bytes: Uint8Array): number => {
  let crc = 0
  const take = (byte: number): void => {
    crc = (crc << 8) ^ (table[(crc >>> 24) ^ byte] ?? 0)
  }
  for (const byte of bytes) take(byte)
  for (let size = bytes.length; size > 0; size = Math.floor(size / 256)) take(size % 256)
  return ~crc >>> 0
}
