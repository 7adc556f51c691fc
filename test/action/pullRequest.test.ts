import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isOutdatedBody } from '../../src/report/comment.ts'
import { parseMarker } from '../../src/report/planMarker.ts'
import { addComment, mallory, mergePull, openPull, pushTo } from '../github/fakeStore.ts'
import type { Job } from '../support/runner.ts'
import { subscription } from './estate.ts'
import { commit, onPull, onPush, scene, second, wider } from './scene.ts'

describe('a pull request, from its first commit to its last night', () => {
  test('open, push, merge, apply', async () => {
    const { hub: there, job, inputs, azure } = await scene()
    const { github, comments } = there
    const number = openPull(github.store, { sha: commit('a') })
    addComment(github.store, number, mallory, '<!-- pglink {"v":1,"label":"prod"} -->\nApproved, trust me.')

    const opened = await job(onPull(number, commit('a'))).run({ command: 'plan', ...inputs })
    expect(opened.code, opened.log).toBe(0)
    expect(comments(number)).toHaveLength(2)
    const first = parseMarker(comments(number)[1] ?? '')
    expect(first).toMatchObject({ label: 'prod', head: commit('a'), digest: opened.outputs['plan-digest'], exit: 2 })
    expect(opened.summary).toContain('9 to add')

    pushTo(github.store, number, commit('b'))
    const broken = await job(onPull(number, commit('b')), 'version: 1\n').run({ command: 'plan', ...inputs })
    expect(broken.code).toBe(4)
    expect(isOutdatedBody(comments(number)[1] ?? '')).toBe(true)

    pushTo(github.store, number, commit('c'))
    const pushed = await job(onPull(number, commit('c')), wider).run({ command: 'plan', ...inputs })
    expect(pushed.outputs['comment-id']).toBe(opened.outputs['comment-id'])
    expect(comments(number)).toHaveLength(2)
    expect(isOutdatedBody(comments(number)[1] ?? '')).toBe(false)
    expect(parseMarker(comments(number)[1] ?? '')).toMatchObject({ head: commit('c'), digest: pushed.outputs['plan-digest'] })
    expect(pushed.outputs['plan-digest']).not.toBe(opened.outputs['plan-digest'])

    mergePull(github.store, number, commit('d'))
    const merged = job(onPush(commit('d')), wider)
    const elsewhere = await job(onPush(commit('d'), { branch: 'release' }), wider).run({ command: 'approved', label: 'prod' })
    expect([elsewhere.code, elsewhere.outputs['plan-digest']], 'it was merged into main').toEqual([5, undefined])
    const found = await merged.run({ command: 'approved', label: 'prod', file: '.' })
    expect(found.outputs).toMatchObject({ 'plan-digest': pushed.outputs['plan-digest'], 'plan-run-id': '4711' })
    const before = await azure.locks()
    const applied = await merged.run({ command: 'apply', ...inputs })
    expect(applied.code, applied.log).toBe(0)
    expect(applied.log).toContain('Apply complete! Resources: 9 added')
    expect((await azure.locks()).filter(lock => before.includes(lock))).toEqual(before)
    expect(github.unknown).toEqual([])
  })

  test('a merged commit whose plan is not the one that was shown is not applied', async () => {
    const { hub: there, job, inputs } = await scene()
    const number = openPull(there.github.store, { sha: commit('a') })
    await job(onPull(number, commit('a'))).run({ command: 'plan', ...inputs })
    mergePull(there.github.store, number, commit('d'))
    const applied = await job(onPush(commit('d'), { before: commit('e') }), wider).run({ command: 'apply', ...inputs })
    expect([applied.code, applied.outputs['failure-reason']]).toEqual([5, 'plan-changed'])
    expect(applied.commands.at(-1)?.message).toMatch(/The base branch moved on from 9999999 to eeeeeee since it was planned\.$/)
    expect(applied.log).not.toContain('Creating...')
  })

  test('an estate that moved, and a plan that was tampered with, are refused with what moved', async () => {
    const { hub: there, job, inputs, azure } = await scene()
    const number = openPull(there.github.store, { sha: commit('a') })
    const planned = await job(onPull(number, commit('a'))).run({ command: 'plan', ...inputs })
    const digest = planned.outputs['plan-digest'] ?? ''
    const saved = readFileSync(planned.outputs['plan-file'] ?? '', 'utf8')
    mergePull(there.github.store, number, commit('d'))

    const merged = job(onPush(commit('d')))
    merged.write('tampered.json', saved.replace(digest, `sha256:${'1'.repeat(64)}`))
    const tampered = await merged.run({ command: 'apply', ...inputs, 'plan-file': 'tampered.json', 'plan-digest': digest })
    expect(tampered.code).toBe(5)
    expect(tampered.commands.at(-1)?.message).toMatch(/^The plan in tampered\.json has the digest sha256:1+, and sha256:\w+ was approved/)

    await azure.put(`/subscriptions/${subscription}/resourceGroups/rg-orders`, '2025-04-01', { location: 'eastus2', tags: { owner: 'me' } })
    merged.write('plan.json', saved)
    const moved = await merged.run({ command: 'apply', ...inputs, 'plan-file': 'plan.json', 'plan-digest': digest })
    expect([moved.code, moved.outputs['failure-reason']]).toEqual([5, 'plan-changed'])
    expect(moved.commands.at(-1)?.message).not.toContain('base branch')
    expect(moved.commands.at(-1)?.message).toMatch(
      /Something moved since it was approved.*live resourceGroups\/rg-orders.*was "absent" and is "present"/s
    )
    expect(moved.log).not.toContain('Creating...')

    const checked = await merged.run({ command: 'check', ...inputs, 'plan-file': 'plan.json' })
    expect(checked.code).toBe(5)
    expect(checked.commands.at(-1)?.message).toMatch(/Something moved since it was approved.*live resourceGroups\/rg-orders/s)
  })
})

describe('check', () => {
  const queued = (number: number): Job => ({
    event: 'merge_group',
    payload: {
      merge_group: {
        head_ref: `refs/heads/gh-readonly-queue/main/pr-${number}-${commit('e')}`,
        head_sha: commit('f'),
        base_sha: commit('e')
      }
    },
    env: { GITHUB_SHA: commit('f') }
  })

  test('says of a queued pull request whether what was approved is what would happen, to nobody else', async () => {
    const { hub: there, job, inputs } = await scene()
    const number = openPull(there.github.store, { sha: commit('a') })
    await job(onPull(number, commit('a'))).run({ command: 'plan', ...inputs })
    const writes = there.github.asked(/^(POST|PATCH|DELETE) \/repos/).length
    const same = await job(queued(number)).run({ command: 'check', ...inputs })
    expect([same.code, same.outputs['failure-reason']], same.log).toEqual([0, ''])
    const other = await job(queued(number), wider).run({ command: 'check', ...inputs })
    expect([other.code, other.outputs['failure-reason']]).toEqual([5, 'plan-changed'])
    expect(other.commands.at(-1)?.message).toMatch(/moved on from 9999999 to eeeeeee/)
    expect(there.github.asked(/^(POST|PATCH|DELETE) \/repos/)).toHaveLength(writes)
  })

  test('an approval counts only as we wrote it, and for the newest commit', async () => {
    const { hub: there, job, inputs } = await scene()
    const { store } = there.github
    const number = openPull(store, { sha: commit('a') })
    const none = await job(queued(number)).run({ command: 'check', ...inputs })
    expect([none.code, none.commands.at(-1)?.message]).toEqual([5, expect.stringMatching(/^Nothing was approved/)])
    await job(onPull(number, commit('a'))).run({ command: 'plan', ...inputs })
    pushTo(store, number, commit('b'))
    const late = await job(queued(number)).run({ command: 'check', ...inputs })
    expect([late.code, late.commands.at(-1)?.message]).toEqual([
      5,
      expect.stringMatching(/is of aaaaaaa, and the pull request is at bbbbbbb/)
    ])
    pushTo(store, number, commit('a'))
    const comment = store.comments.at(-1)
    if (comment === undefined) throw new Error('There is no comment.')
    comment.editor = mallory
    comment.body = comment.body.replace(/sha256:\w+/, `sha256:${'2'.repeat(64)}`)
    const forged = await job(queued(number)).run({ command: 'check', ...inputs })
    expect([forged.code, forged.commands.at(-1)?.message]).toEqual([6, expect.stringMatching(/was edited by mallory/)])
  })
})

test('several topologies: one comment each, told apart by the label; or one for all files of a step', async () => {
  const { hub: there, job, inputs } = await scene()
  const number = openPull(there.github.store, { sha: commit('a') })
  const both = job(onPull(number, commit('a')))
  both.write('second/topology.yaml', second)
  await both.run({ command: 'plan', ...inputs, label: 'one' })
  await both.run({ command: 'plan', ...inputs, label: 'two', file: 'second/topology.yaml' })
  await both.run({ command: 'plan', ...inputs, label: 'all', file: 'topology.yaml\nsecond/topology.yaml' })
  const markers = there.comments(number).map(body => parseMarker(body))
  expect(markers.map(marker => marker?.label)).toEqual(['one', 'two', 'all'])
  expect(markers[2]).toMatchObject({ file: 'topology.yaml', also: [{ file: 'second/topology.yaml' }] })
  expect(markers[2]?.digest).toBe(markers[0]?.digest)
})

test('a comment that GitHub refuses is told as a warning, and the plan stays a plan', async () => {
  const { hub: there, job, inputs } = await scene()
  const number = openPull(there.github.store, { sha: commit('a') })
  there.github.store.tokens.splice(0)
  const planned = await job(onPull(number, commit('a'))).run({ command: 'plan', ...inputs })
  expect(planned.code).toBe(0)
  expect(planned.commands.filter(({ name }) => name === 'warning').at(-1)?.message).toMatch(/^Could not .*github-token/s)
})

test.each([['changes-only'], ['false']])('comment: %s', async comment => {
  const { hub: there, job, inputs } = await scene()
  const number = openPull(there.github.store, { sha: commit('a') })
  const planned = job(onPull(number, commit('a')))
  await planned.run({ command: 'plan', ...inputs, comment })
  expect(there.comments(number)).toHaveLength(comment === 'false' ? 0 : 1)
  writeFileSync(`${planned.workspace}/empty.yaml`, `version: 1\nname: none\nsubscription: ${subscription}\nlocation: eastus2\n`)
  await planned.run({ command: 'plan', ...inputs, comment, label: 'none', file: 'empty.yaml' })
  expect(there.comments(number)).toHaveLength(comment === 'false' ? 0 : 1)
})

test('drift at night: an issue; when it is mended: closed', async () => {
  const { hub: there, job, inputs, azure } = await scene()
  const night = job({ event: 'schedule' })
  const merged = await night.run({ command: 'apply', ...inputs, 'auto-approve': 'true' })
  expect(merged.code, merged.log).toBe(0)
  const calm = await night.run({ command: 'drift', ...inputs, 'fail-on': 'drift' })
  expect([calm.code, calm.outputs['drift']], calm.log).toEqual([0, 'false'])
  expect(there.github.store.issues).toEqual([])
  const whole = await night.run({ command: 'verify', ...inputs })
  expect([whole.code, whole.outputs['exit-code'], whole.outputs['summary']], whole.log).toEqual([0, '0', expect.stringMatching(/^Whole: /)])
  expect(JSON.parse(readFileSync(whole.outputs['verify-file'] ?? '', 'utf8'))).toMatchObject({ verdict: { as: 'whole' } })
  expect(whole.summary).toContain('✓ record: orders-pg leads to')

  const record = `/subscriptions/${subscription}/resourceGroups/rg-orders/providers/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com/A/orders-pg`
  await azure.put(record, '2020-06-01', { properties: { ttl: 10, aRecords: [{ ipv4Address: '10.99.0.9' }] } })
  const cut = await night.run({ command: 'verify', ...inputs })
  expect([cut.code, cut.outputs['exit-code'], cut.outputs['failure-reason']], cut.log).toEqual([3, '3', 'drift'])
  expect(cut.summary).toContain('first broken at record')
  expect((await night.run({ command: 'verify', ...inputs, 'fail-on': 'never' })).code).toBe(0)
  expect((await night.run({ command: 'apply', ...inputs, 'auto-approve': 'true' })).code).toBe(0)

  const lock = `/subscriptions/${subscription}/resourceGroups/rg-orders/providers/Microsoft.DBforPostgreSQL/flexibleServers/orders-pg/providers/Microsoft.Authorization/locks/keep`
  await azure.remove(lock, '2020-05-01')
  const found = await night.run({ command: 'drift', ...inputs, 'fail-on': 'drift' })
  expect([found.code, found.outputs['failure-reason'], found.outputs['drift']], found.log).toEqual([3, 'drift', 'true'])
  expect(found.commands.find(({ name }) => name === 'warning')).toMatchObject({
    properties: { file: 'topology.yaml', title: 'Drift: differs' }
  })
  expect(found.summary).toContain('servers/orders-pg/locks/keep')
  const [issue] = there.github.store.issues
  expect(issue).toMatchObject({ state: 'open', title: 'Drift: orders', labels: ['drift'] })
  expect(found.outputs['issue-number']).toBe(String(issue?.number))
  const quietly = await night.run({ command: 'drift', ...inputs })
  expect([quietly.code, quietly.outputs['exit-code']]).toEqual([0, '3'])
  expect(there.github.store.issues).toHaveLength(1)

  await azure.put(lock, '2020-05-01', { properties: { level: 'CanNotDelete', notes: 'holds the orders' } })
  const mended = await night.run({ command: 'drift', ...inputs })
  expect([mended.code, mended.outputs['exit-code']]).toEqual([0, '0'])
  expect(issue).toMatchObject({ state: 'closed', stateReason: 'completed' })
})
