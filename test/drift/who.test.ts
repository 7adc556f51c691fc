import { describe, expect, test } from 'vitest'
import { type Logs, whoWrote } from '../../src/drift/index.ts'
import { firewallRule } from '../../src/kinds/firewallRule.ts'
import { flexibleServer } from '../../src/kinds/flexibleServer.ts'
import { managementLock } from '../../src/kinds/managementLock.ts'
import { resourceId } from '../../src/model/id.ts'

const group = '/subscriptions/1/resourceGroups/rg'
const server = resourceId(`${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg`)
const rule = resourceId(`${server}/firewallRules/office`)

const write = (id: string, by: string, at: number, correlation = by) => ({
  id: resourceId(id),
  by,
  at,
  correlation,
  operation: 'x/write'
})
const logs = (writes: Logs['writes'], unread: Logs['unread'] = () => undefined): Logs => ({
  writes,
  unread,
  span: 'of late',
  isRun: id => id === 'run'
})
const of = (kind: string, id: typeof server) => ({ kind, id })

describe('who wrote it', () => {
  test('one request that is told several times is one writer, and several writers are told newest first', () => {
    const found = whoWrote(
      of(flexibleServer.name, server),
      logs([write(server, 'ana', 1), write(server, 'ana', 3), write(server, 'ben', 2)])
    )
    expect(found).toMatchObject({ as: 'known', writers: [{ by: 'ana', at: new Date(3).toISOString() }, { by: 'ben' }] })
  })

  test('our own run is not told by the name of its login', () => {
    const found = whoWrote(of(flexibleServer.name, server), logs([write(server, 'robot', 1, 'run')]))
    expect(found).toMatchObject({ writers: [{ by: 'run', isRun: true }] })
  })

  test('the writer of what it lies in is told as that, and only where no log holds its own history', () => {
    const above = logs([write(server, 'ana', 1)])
    expect(whoWrote(of(firewallRule.name, rule), above)).toMatchObject({ as: 'known', above: server, writers: [{ by: 'ana' }] })
    const [own] = [write(rule, 'ben', 0)]
    expect(whoWrote(of(firewallRule.name, rule), logs([write(server, 'ana', 1), own]))).not.toHaveProperty('above')
    expect(whoWrote(of(flexibleServer.name, server), logs([write(group, 'ana', 1)]))).toMatchObject({ as: 'unknown' })
  })

  test.each([
    ['of another resource', [write(`${server}x`, 'ana', 1)]],
    ['of what lies beneath', [write(rule, 'ana', 1)]],
    ['none', []]
  ])('an entry that is %s names nobody', (_, writes) => {
    expect(whoWrote(of(flexibleServer.name, server), logs(writes))).toEqual({ as: 'unknown', why: 'no log tells of a write of late' })
  })

  test('a lock is not told by who wrote the resource that it is on', () => {
    const lock = resourceId(`${server}/providers/Microsoft.Authorization/locks/keep`)
    expect(whoWrote(of(managementLock.name, lock), logs([write(server, 'ana', 1)])).as).toBe('unknown')
  })

  test('a log that was not read is said to be unread, and not to be empty', () => {
    const found = whoWrote(
      of(firewallRule.name, rule),
      logs([write(server, 'ana', 1)], () => 'it may not be read')
    )
    expect(found).toEqual({ as: 'unknown', why: 'it may not be read' })
  })
})
