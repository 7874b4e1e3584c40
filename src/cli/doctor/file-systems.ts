/** What kind of file system a statfs number means: only the kinds that matter to a spool are told apart. */

export interface FileSystem {
  readonly name: string
  readonly kind: 'disk' | 'network' | 'perhaps_network' | 'volatile'
}

/** From statfs(2) and linux/magic.h. */
const KNOWN: ReadonlyMap<number, FileSystem> = new Map([
  [0xef53, { name: 'ext', kind: 'disk' }],
  [0x58465342, { name: 'xfs', kind: 'disk' }],
  [0x9123683e, { name: 'btrfs', kind: 'disk' }],
  [0x2fc12fc1, { name: 'zfs', kind: 'disk' }],
  [0x794c7630, { name: 'overlayfs', kind: 'disk' }],
  [0x01021994, { name: 'tmpfs', kind: 'volatile' }],
  [0x858458f6, { name: 'ramfs', kind: 'volatile' }],
  [0x6969, { name: 'nfs', kind: 'network' }],
  [0xff534d42, { name: 'cifs', kind: 'network' }],
  [0xfe534d42, { name: 'smb2', kind: 'network' }],
  [0x517b, { name: 'smb', kind: 'network' }],
  [0x01021997, { name: '9p', kind: 'network' }],
  [0x00c36400, { name: 'ceph', kind: 'network' }],
  [0x5346414f, { name: 'afs', kind: 'network' }],
  [0x6b414653, { name: 'afs', kind: 'network' }],
  [0x0bd00bd0, { name: 'lustre', kind: 'network' }],
  [0x47504653, { name: 'gpfs', kind: 'network' }],
  [0x01161970, { name: 'gfs2', kind: 'network' }],
  [0x7461636f, { name: 'ocfs2', kind: 'network' }],
  [0x19830326, { name: 'beegfs', kind: 'network' }],
  [0x786f4256, { name: 'vboxsf', kind: 'network' }],
  [0xbacbacbc, { name: 'vmhgfs', kind: 'network' }],
  [0xf2f52010, { name: 'f2fs', kind: 'disk' }],
  [0x65735546, { name: 'fuse', kind: 'perhaps_network' }],
])

/** A number that nobody knows is a disk's. */
export const findFileSystem = (type: number): FileSystem =>
  KNOWN.get(type >>> 0) ?? { name: `type 0x${(type >>> 0).toString(16)}`, kind: 'disk' }
