/**
 * Loads a bundle with what V8 made of it before: to compile it anew takes as long as a third of all that a short job costs. It is kept where the user's
 * other caches are, and nothing depends on it.
 */
const fs = require('node:fs')
const { createRequire } = require('node:module')
const { basename, dirname, isAbsolute, join } = require('node:path')
const { Script } = require('node:vm')

/** Milliseconds after which that of an older build goes, when a newer one's is kept. */
const OLD_MS = 30 * 24 * 60 * 60 * 1000
/** What the build puts at the beginning of a bundle: V8 compares no more of a source than its length. */
const DIGEST = /^\/\/ ([0-9a-f]{32})\n/

/**
 * @param {string} path of a CommonJS bundle, without import(): that would not know where to look
 * @returns {any} its exports
 */
exports.loadCompiled = (path) => {
  const source = fs.readFileSync(path, 'utf8')
  const place = findPlace(path, source)
  const cachedData = place === undefined ? undefined : readKept(place)
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: path,
    ...(cachedData === undefined ? {} : { cachedData }),
  })
  // At the end: then that is compiled which was called. Of many that are started at once, the first to end keeps it.
  if (place !== undefined && script.cachedDataRejected !== false)
    process.once('exit', () => {
      if (cachedData !== undefined || readKept(place) === undefined) keep(place, script)
    })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path))
  return module.exports
}

/**
 * @param {string} path
 * @param {string} source
 * @returns {string | undefined} none for a bundle that does not say which it is, or without a home
 */
const findPlace = (path, source) => {
  const { XDG_CACHE_HOME = '', HOME = '' } = process.env
  const home = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : isAbsolute(HOME) ? join(HOME, '.cache') : undefined
  const digest = DIGEST.exec(source)?.[1]
  if (home === undefined || digest === undefined) return undefined
  return join(home, 'chap', `${basename(path)}-${digest}-${process.versions.v8}-${process.arch}`)
}

/**
 * V8 believes what it is given: so only what this user wrote, and nobody else can write.
 *
 * @param {string} place
 */
const readKept = (place) => {
  let fd
  try {
    fd = fs.openSync(place, 'r')
    const { uid, mode } = fs.fstatSync(fd)
    return uid === process.geteuid?.() && (mode & 0o022) === 0 ? fs.readFileSync(fd) : undefined
  } catch {
    return undefined // Not there yet, or not to be read: the bundle is compiled.
  } finally {
    if (fd !== undefined) fs.closeSync(fd)
  }
}

/**
 * Whole or not at all, and on disk before it has its name: V8 looks for no damage.
 *
 * @param {string} place
 * @param {Script} script
 */
const keep = (place, script) => {
  const temporary = `${place}.${process.pid}.new`
  let fd
  try {
    fs.mkdirSync(dirname(place), { recursive: true, mode: 0o700 })
    fd = fs.openSync(temporary, 'wx', 0o600)
    fs.writeFileSync(fd, script.createCachedData())
    fs.fsyncSync(fd)
    fs.renameSync(temporary, place)
    sweep(place)
  } catch {
    // No room, no right, another was faster: the next one compiles as this one did.
    if (fd !== undefined) fs.rmSync(temporary, { force: true })
  } finally {
    if (fd !== undefined) fs.closeSync(fd)
  }
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
