// Loaded into the command line before it starts. Whatever it waits for passes twenty times as fast: a poll that the sandbox asks
// for after a second, the shortest it can ask for, then comes after fifty milliseconds. And where DIES says so it kills itself,
// at once and without a word, as nobody who watches it from outside could at that very instant.
import fs, { writeFileSync } from 'node:fs'
import { ClientRequest } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'

const wait = timers.setTimeout
timers.setTimeout = (ms, value, options) => wait(ms / 20, value, options)
const { now } = Date
const began = now()
Date.now = () => began + (now() - began) * 20

const [how, when, which] = (process.env.DIES ?? '').split(' ')
const die = () => process.kill(process.pid, 'SIGKILL')

/** In which order lines came onto the disk, and requests went out and were answered. */
const seen = []
if (how === 'trace') process.once('exit', () => writeFileSync(which, JSON.stringify(seen)))

if (how === 'line' || how === 'trace') {
  const { openSync, writeSync, fsyncSync } = fs
  const journals = new Set()
  let lines = 0
  fs.openSync = (path, ...more) => {
    const file = openSync(path, ...more)
    if (String(path).endsWith('.ndjson')) journals.add(file)
    else journals.delete(file)
    return file
  }
  fs.writeSync = (file, ...more) => {
    if (journals.has(file)) lines += 1
    if (when === 'before' && lines === Number(which)) die()
    return writeSync(file, ...more)
  }
  fs.fsyncSync = file => {
    fsyncSync(file)
    if (when === 'after' && lines === Number(which)) die()
    if (journals.has(file)) seen.push({ line: lines })
  }
}

// The sandbox hangs up, before or after the request has taken effect: the answer never comes.
if (how === 'request' || how === 'trace') {
  const { emit } = ClientRequest.prototype
  ClientRequest.prototype.emit = function (name, ...more) {
    if (name === 'error' && how === 'request') die()
    const request = `${this.method} ${decodeURI(this.path.split('?')[0])}`
    if (name === 'finish') seen.push({ sent: request })
    if (name === 'response') seen.push({ answered: request })
    return emit.call(this, name, ...more)
  }
}

syncBuiltinESMExports()
