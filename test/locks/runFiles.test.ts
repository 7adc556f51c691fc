import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type Entry, owedLocks, type RunBegan } from '../../src/locks/journal.ts'
import { openJournal } from '../../src/locks/journalFile.ts'
import { type ProcessId, thisProcess } from '../../src/locks/process.ts'
import { isRunDead, type JournalOwner, openJournals, runFilesIn } from '../../src/locks/runFiles.ts'
import { resourceId } from '../../src/model/id.ts'
import type { Lock } from '../../src/model/resource.ts'
import { subscription } from '../support/estate.ts'
import { temporaryFolder } from '../support/temporary.ts'

const at = '2026-01-05T09:00:00.000Z'

const lock = (name: string): Lock => ({
  scope: resourceId(`/subscriptions/${subscription}/resourceGroups/rg`),
  path: `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Authorization/locks/${name}`,
  name,
  level: 'ReadOnly',
  properties: { level: 'ReadOnly' }
})
const lifted = (name: string): Entry => ({
  type: 'unlocking',
  lock: lock(name),
  how: 'remove',
  lease: { run: 'one', until: at },
  markers: [],
  at
})
const back = (name: string): Entry => ({ type: 'relocked', lock: { path: lock(name).path }, at })
const ended: Entry = { type: 'ended', at }
const network = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub`
const begins: Entry = { type: 'operation', path: network, url: 'https://management.azure.com/1', at }
const wrote = (as: 'done' | 'unknown'): Entry => ({ type: 'wrote', step: 'update', path: network, as, at })

let folder = ''
beforeEach(() => {
  const base = temporaryFolder()
  folder = join(base, 'sandbox-1', 'runs')
})

const journals = (run: string, more: Partial<JournalOwner> = {}) =>
  openJournals({ folder, estate: 'sandbox 1', topology: 'net', run, ...more })

const gone: ProcessId = { host: hostname(), pid: 2 ** 22 + 1, started: '1' }

/** A journal that another run left. */
function left(run: string, entries: readonly Entry[], more: Partial<RunBegan> = {}): string {
  const began: RunBegan = { type: 'run', version: 2, run, topology: 'net', estate: 'sandbox 1', process: gone, at, ...more }
  const place = join(folder, `${run}.ndjson`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(place, [began, ...entries].map(entry => `${JSON.stringify(entry)}\n`).join(''))
  return place
}

const names = (): string[] => (existsSync(folder) ? readdirSync(folder).sort() : [])
const owed = (one: ReturnType<typeof journals>): string[] => one.left().owed.map(owedLock => owedLock.lock.name)

test('a run has a file from the first thing that it announces until nothing is owed', async () => {
  const run = journals('a')
  expect(run.entries()).toEqual([])
  expect(names()).toEqual([])
  await run.append(lifted('keep'))
  expect(names()).toEqual(['a.ndjson'])
  const [first] = readFileSync(run.place, 'utf8').split('\n')
  expect(JSON.parse(first ?? '')).toEqual({
    type: 'run',
    version: 2,
    run: 'a',
    topology: 'net',
    estate: 'sandbox 1',
    process: thisProcess(),
    at: expect.stringMatching(/^\d{4}-/)
  })
  expect(statSync(run.place).mode & 0o077).toBe(0)
  await run.append(ended)
  run.conclude()
  expect(names()).toEqual(['a.ndjson'])
  await run.append(back('keep'))
  run.conclude()
  expect(names()).toEqual([])
})

test('the next run reads what a dead one left, writes in its own file, and both are gone when all is back', async () => {
  left('dead', [lifted('a'), lifted('b'), begins])
  const before = readFileSync(join(folder, 'dead.ndjson'), 'utf8')
  const next = journals('next')
  expect(owed(next)).toEqual(['a', 'b'])
  await next.append(back('a'))
  expect(owed(next)).toEqual(['b'])
  next.conclude()
  expect(names()).toEqual(['dead.ndjson', 'next.ndjson'])
  expect(readFileSync(join(folder, 'dead.ndjson'), 'utf8')).toBe(before)
  await next.append(back('b'))
  await next.append(wrote('done'))
  await next.append(ended)
  next.conclude()
  expect(names()).toEqual([])
})

test('only what says nothing more goes: what one still owes stays, whoever else has ended', async () => {
  left('a', [lifted('a'), ended], { at: '2026-01-05T07:00:00.000Z' })
  left('b', [lifted('b'), back('b'), ended], { at: '2026-01-05T08:00:00.000Z' })
  const next = journals('next')
  next.conclude()
  expect(names()).toEqual(['a.ndjson'])
  expect(owed(next)).toEqual(['a'])
})

test('an operation in flight keeps the file that knows of it, and not the one that only looked', async () => {
  left('a', [{ type: 'writing', step: 's', path: network, at }, begins, wrote('unknown'), ended])
  const next = journals('next')
  await next.append(lifted('x'))
  await next.append(back('x'))
  await next.append(ended)
  next.conclude()
  expect(names()).toEqual(['a.ndjson'])
  expect(next.left().running).toHaveLength(1)
})

test('the file of a run whose process lives is left alone, until that has ended or the run has', async () => {
  const child = spawn('sleep', ['60'])
  onTestFinished(() => void child.kill('SIGKILL'))
  const started = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? ''
  const process = { host: hostname(), pid: child.pid ?? 0, started }
  const place = left('alive', [lifted('a')], { process })
  const next = journals('next')
  expect(owed(next)).toEqual([])
  expect(next.atIt().map(({ began }) => began.run)).toEqual(['alive'])
  expect(isRunDead(next.ofRun('alive') ?? expect.unreachable())).toBe(false)
  await next.append(ended)
  next.conclude()
  expect(names()).toEqual(['alive.ndjson'])

  appendFileSync(place, `${JSON.stringify(ended)}\n`)
  expect(owed(next)).toEqual(['a'])
  expect(isRunDead(next.ofRun('alive') ?? expect.unreachable())).toBe(true)
  left('alive', [lifted('a')], { process })
  const over = once(child, 'exit')
  child.kill('SIGKILL')
  await over
  expect(owed(next)).toEqual(['a'])
  expect(next.atIt()).toEqual([])
})

test('a number that another process has by now is no life, and of another machine nothing is known', () => {
  left('again', [lifted('a')], { process: { ...thisProcess(), started: '1' } })
  left('far', [lifted('b')], { process: { ...thisProcess(), host: 'elsewhere' } })
  const next = journals('next')
  expect(owed(next).sort()).toEqual(process.platform === 'linux' ? ['a', 'b'] : ['b'])
  expect(isRunDead(next.ofRun('far') ?? expect.unreachable())).toBe(false)
})

test('only the run that a process is at is left alone, of two', () => {
  left('other', [lifted('a')], { process: thisProcess() })
  expect(owed(journals('next'))).toEqual(['a'])
  expect(owed(journals('next', { isAtIt: run => run === 'other' }))).toEqual([])
})

test('a journal that another topology left is named, and neither read nor removed', async () => {
  left('theirs', [lifted('a')], { topology: 'other' })
  const next = journals('next')
  expect(owed(next)).toEqual([])
  expect(next.others().map(({ began }) => began.topology)).toEqual(['other'])
  await next.append(back('a'))
  await next.append(ended)
  next.conclude()
  expect(names()).toEqual(['theirs.ndjson'])
})

test('nor is what says that it is of another estate, in whichever folder it lies', async () => {
  left('moved', [lifted('a')], { estate: 'sandbox 2' })
  const next = journals('next')
  expect(owed(next)).toEqual([])
  next.conclude()
  expect(names()).toEqual(['moved.ndjson'])
})

test('damage in a file of another topology is no concern; in one of this it is; and where its topology is unknown, too', () => {
  const damage = (place: string): void => appendFileSync(place, '{"type":"unlo\n{"type":"ended","at":"x"}\n')
  damage(left('theirs', [], { topology: 'other' }))
  expect(owed(journals('next'))).toEqual([])
  damage(left('ours', []))
  expect(() => journals('next').left()).toThrow(/Line 2 of the journal .*ours\.ndjson is damaged/)
  rmSync(join(folder, 'ours.ndjson'))
  damage(join(folder, 'whose.ndjson'))
  expect(() => journals('next').left()).toThrow(/Line 1 of the journal .*whose\.ndjson is damaged/)
  writeFileSync(join(folder, 'whose.ndjson'), `${JSON.stringify(lifted('a'))}\n`)
  expect(() => journals('next').left()).toThrow(/Line 1 of the journal .*whose\.ndjson does not say of which estate it is/)
})

test('a run restores from what it knows, whatever becomes of its file meanwhile, and writes the file anew', async () => {
  const spoiled: readonly ((place: string) => void)[] = [
    place => rmSync(place),
    place => rmSync(dirname(place), { recursive: true }),
    place => writeFileSync(place, ''),
    place => writeFileSync(place, readFileSync(place, 'utf8').replace('"unlocking"', '"unlock')),
    place => writeFileSync(place, readFileSync(place, 'utf8').replace('/locks/keep', '/locks/else')),
    place => writeFileSync(place, Buffer.alloc(4096, 0xff))
  ]
  for (const [index, spoil] of spoiled.entries()) {
    const changed: string[] = []
    const run = journals(`run-${index}`, { changed: place => changed.push(place) })
    await run.append(lifted('keep'))
    spoil(run.place)
    expect(owed(run)).toEqual(['keep'])
    await run.append(lifted('other'))
    expect(changed).toEqual([run.place])
    expect(owed(run)).toEqual(['keep', 'other'])
    expect(owedLocks(openJournal(run.place).entries()).map(one => one.lock.name)).toEqual(['keep', 'other'])
    for (const one of [back('keep'), back('other'), ended]) await run.append(one)
    expect(owed(run)).toEqual([])
    run.conclude()
    expect(names()).toEqual([])
  }
})

test('with locks of the run off, a file of others that is damaged meanwhile keeps none of them off', async () => {
  left('dead', [lifted('a')])
  const run = journals('run')
  expect(owed(run)).toEqual(['a'])
  await run.append(lifted('keep'))
  appendFileSync(join(folder, 'dead.ndjson'), 'spoilt\n{}\n')
  writeFileSync(join(folder, 'whose.ndjson'), 'spoilt\n')
  expect(owed(run)).toEqual(['a', 'keep'])
  await run.append(back('keep'))
  expect(owed(run)).toEqual(['a'])
})

test('as far as it can be read, a damaged journal gives its other lines, and says which it does not', () => {
  const spoil = (place: string, line: number): void => {
    const lines = readFileSync(place, 'utf8').split('\n')
    writeFileSync(place, lines.map((text, index) => (index === line - 1 ? text.slice(0, -9) : text)).join('\n'))
  }
  spoil(left('ours', [lifted('a'), lifted('b'), lifted('c')]), 3)
  spoil(left('whose', [lifted('d')]), 1)
  left('theirs', [lifted('e')], { topology: 'other' })
  expect(() => journals('next').left()).toThrow(/damaged/)
  const next = journals('next', { asFarAsReadable: true })
  expect(owed(next)).toEqual(['a', 'c'])
  expect(next.strays().map(owedLock => owedLock.lock.name)).toEqual(['d'])
  expect(next.damage()).toEqual([
    expect.stringMatching(/^Line 1 of the journal .*whose\.ndjson is damaged\./),
    expect.stringMatching(/^Line 3 of the journal .*ours\.ndjson is damaged\./)
  ])
  next.conclude()
  expect(names()).toEqual(['ours.ndjson', 'theirs.ndjson', 'whose.ndjson'])
})

test.each(['', '{"type":"run","vers'])('a file whose only line was lost with the machine, %j, is nothing, and goes', text => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'lost.ndjson'), text)
  writeFileSync(join(folder, `.${gone.pid}-lost.ndjson`), text)
  writeFileSync(join(folder, `.${process.pid}-being-made.ndjson`), text)
  const next = journals('next')
  expect(owed(next)).toEqual([])
  next.conclude()
  expect(names()).toEqual([`.${process.pid}-being-made.ndjson`])
})

test('a file that somebody took away meanwhile is written again, with the line that says whose it is first', async () => {
  const run = journals('a')
  await run.append(lifted('keep'))
  rmSync(dirname(folder), { recursive: true })
  await run.append(back('keep'))
  expect(runFilesIn(folder).map(({ began }) => began.run)).toEqual(['a'])
  expect(run.entries().map(({ type }) => type)).toEqual(['run', 'unlocking', 'relocked'])
})

test('a journal of another machine is told what becomes of what it owes, and never removed', async () => {
  const place = join(dirname(folder), 'brought.ndjson')
  const brought = openJournal(place)
  for (const entry of [{ type: 'run', version: 1, run: 'x', topology: 'net', at } as const, lifted('a'), lifted('b')])
    await brought.append(entry)
  const next = journals('next', { brought: openJournal(place) })
  expect(owed(next)).toEqual(['a', 'b'])
  for (const entry of [lifted('own'), back('a'), back('b'), back('own'), ended]) await next.append(entry)
  next.conclude()
  expect(names()).toEqual([])
  expect(
    openJournal(place)
      .entries()
      .map(({ type }) => type)
  ).toEqual(['run', 'unlocking', 'unlocking', 'relocked', 'relocked', 'ended'])
})
