import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Folder, folder } from './support/cli.ts'

describe('what is compiled is kept', () => {
  const started = (here: Folder, place: string) => here.start('explain PGL001', { NODE_COMPILE_CACHE: place }).ended
  const kept = (place: string): ReadonlyMap<string, Buffer> =>
    new Map(
      readdirSync(place, { recursive: true, encoding: 'utf8' }).flatMap(name => {
        const path = join(place, name)
        return statSync(path).isFile() ? [[path, readFileSync(path)] as const] : []
      })
    )

  test('for the next start, and a damaged file is made anew', async () => {
    const here = folder()
    const place = join(here.path, 'compiled')
    const { stdout } = await started(here, place)
    const files = kept(place)
    expect([...files.keys()].map(path => basename(path))).toContain('cli.js')
    for (const [path, bytes] of files)
      writeFileSync(
        path,
        bytes.map((byte, at) => (at > 200 && at % 7 === 0 ? byte ^ 0x5a : byte))
      )
    const damaged = kept(place)
    expect(await started(here, place)).toMatchObject({ stdout, stderr: '', code: 0 })
    for (const [path, bytes] of kept(place)) expect(bytes.equals(damaged.get(path) ?? bytes), path).toBe(false)
    const since = [...kept(place).keys()].map(path => statSync(path).ino)
    expect(await started(here, place)).toMatchObject({ stdout, stderr: '', code: 0 })
    expect([...kept(place).keys()].map(path => statSync(path).ino)).toEqual(since)
  })

  test('but nothing in a folder that others may write to, and nothing where it is turned off', async () => {
    const here = folder()
    const place = join(here.path, 'compiled')
    await started(here, place)
    const [inside = ''] = readdirSync(place)
    for (const name of readdirSync(join(place, inside))) rmSync(join(place, inside, name))
    chmodSync(join(place, inside), 0o777)
    expect((await started(here, place)).code).toBe(0)
    expect(kept(place).size).toBe(0)
    const other = join(here.path, 'other')
    expect((await here.start('explain PGL001', { NODE_COMPILE_CACHE: other, NODE_DISABLE_COMPILE_CACHE: '1' }).ended).code).toBe(0)
    expect(existsSync(other)).toBe(false)
  })
})
