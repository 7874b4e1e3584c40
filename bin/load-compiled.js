/**
 * Loads a bundle with what V8 made of it before: to compile it anew takes as long as a third of all that a short job costs. It is kept where the user's
 * other caches are, and nothing depends on it.
 */
const fs = require('node:fs')
const { createRequire } = require('node:module')
const { basename, dirname, isAbsolute, join } = require('node:path')
const { Script } = require('node:vm')
const { crc32 } = require('node:zlib')

const HOUR_MS = 60 * 60 * 1000
/** Milliseconds after which that of an older build goes, when a newer one's is kept. */
const OLD_MS = 30 * 24 * HOUR_MS
/** What the build puts at the beginning of a bundle: V8 compares no more of a source than its length. */
const DIGEST = /^\/\/ ([0-9a-f]{32})\n/
/** A chaperone has it, and it changes nothing of what V8 makes. */
const HARMLESS = '--v8-pool-size=0'
/** Bytes of the checksum at the end: V8 does not look for damage, and would die of it each time again. */
const SUM = 4

/** @typedef {{ readonly data: Buffer, readonly time: number }} Kept */

/**
 * @param {string} path of a CommonJS bundle, without import(): that would not know where to look
 * @returns {any} its exports
 */
exports.loadCompiled = (path) => {
  const source = fs.readFileSync(path, 'utf8')
  const place = findPlace(path, source)
  const kept = place === undefined ? undefined : attempt(() => readKept(place))
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: path,
    ...(kept === undefined ? {} : { cachedData: kept.data }),
  })
  const used = script.cachedDataRejected === false ? kept : undefined
  // At the end: then that is compiled which was called.
  if (place !== undefined) process.once('exit', () => attempt(() => keepMore(place, script, used)))
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path))
  return module.exports
}

/**
 * What can't be read or kept is compiled, as at the first time.
 *
 * @template T
 * @param {() => T} step
 * @returns {T | undefined}
 */
const attempt = (step) => {
  try {
    return step()
  } catch {
    return undefined
  }
}

/**
 * @param {string} path
 * @param {string} source
 * @returns {string | undefined} none for a bundle that does not say which it is, or without a home
 */
const findPlace = (path, source) => {
  const digest = DIGEST.exec(source)?.[1]
  const cache = findCache()
  if (cache === undefined || digest === undefined) return undefined
  const { NODE_OPTIONS = '' } = process.env
  // V8 takes nothing that was made with other flags. To ask for its own word takes 2 ms.
  const hasFlags = NODE_OPTIONS !== '' || process.execArgv.some((flag) => flag !== HARMLESS)
  const flags = hasFlags ? `-${require('node:v8').cachedDataVersionTag().toString(16)}` : ''
  return join(cache, 'chap', `${basename(path)}-${digest}-${process.versions.v8}-${process.arch}${flags}`)
}

/** Below a directory of this user's own: sudo may leave another's HOME, and one that is gone is not made again. */
const findCache = () => {
  const { XDG_CACHE_HOME = '', HOME = '' } = process.env
  const [base, cache] = isAbsolute(XDG_CACHE_HOME) ? [XDG_CACHE_HOME, XDG_CACHE_HOME] : [HOME, join(HOME, '.cache')]
  const owner = isAbsolute(base) ? attempt(() => fs.statSync(base).uid) : undefined
  return owner !== undefined && owner === process.geteuid?.() ? cache : undefined
}

/**
 * V8 believes what it is given: so only what this user wrote, and nobody else can write, and as it was written.
 *
 * @param {string} place
 * @returns {Kept | undefined}
 */
const readKept = (place) => {
  const fd = fs.openSync(place, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
  try {
    const stat = fs.fstatSync(fd)
    if (!stat.isFile() || stat.uid !== process.geteuid?.() || (stat.mode & 0o022) !== 0) return undefined
    const bytes = fs.readFileSync(fd)
    const data = bytes.subarray(0, -SUM)
    return data.length > 0 && bytes.readUInt32LE(data.length) === crc32(data) ? { data, time: stat.mtimeMs } : undefined
  } finally {
    fs.closeSync(fd)
  }
}

/**
 * What was called first may have been little: so once an hour the one that ends looks whether it has more.
 *
 * @param {string} place
 * @param {Script} script
 * @param {Kept | undefined} used
 */
const keepMore = (place, script, used) => {
  if (used === undefined) {
    // Of many that were started at once, the first to end keeps it.
    if (attempt(() => readKept(place)) === undefined || script.cachedDataRejected === true)
      keep(place, script.createCachedData())
    return
  }
  const now = Date.now()
  if (now - used.time < HOUR_MS) return
  const data = script.createCachedData()
  if (data.length > used.data.length) keep(place, data)
  else fs.utimesSync(place, now / 1000, now / 1000)
}

/**
 * Whole or not at all, and on disk before it has its name.
 *
 * @param {string} place
 * @param {Buffer} data
 */
const keep = (place, data) => {
  fs.mkdirSync(dirname(place), { recursive: true, mode: 0o700 })
  const temporary = `${place}.${process.pid}.new`
  const fd = fs.openSync(temporary, 'wx', 0o600)
  try {
    const sum = Buffer.alloc(SUM)
    sum.writeUInt32LE(crc32(data))
    fs.writeFileSync(fd, Buffer.concat([data, sum]))
    fs.fsyncSync(fd)
    fs.renameSync(temporary, place)
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  } finally {
    fs.closeSync(fd)
  }
  sweep(place)
}

/** @param {string} place */
const sweep = (place) => {
  const bundle = basename(place).replace(/-.*/, '-')
  for (const name of fs.readdirSync(dirname(place)))
    if (name.startsWith(bundle)) {
      const path = join(dirname(place), name)
      if (fs.statSync(path).mtimeMs < Date.now() - OLD_MS) fs.rmSync(path, { force: true })
    }
}
