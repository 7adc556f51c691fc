import { expect, test } from 'vitest'
import type { PlanDocument } from '../../src/document/plan.generated.ts'
import { type Folder, folder } from '../support/cli.ts'

const hub = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub'

const topology = (subnets: string, safety = ''): string => `version: 1
name: net
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: rg-net
${safety}networks:
  hub:
    addressSpace: [10.20.0.0/16]
${subnets}`

const one = '    subnets: { a: { addressPrefix: 10.20.1.0/24 } }\n'
const asked = '--sandbox --prune --baseline before.yaml --allow-locked-delete networks/hub/subnets/a'

/** A network of ours with one subnet, under somebody's Delete lock; the subnet leaves the file, and nothing else is ours. */
async function locked(safety = ''): Promise<Folder> {
  const here = folder({ 'topology.yaml': topology(one), 'before.yaml': topology(one) })
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
  const state = JSON.parse(here.read('.pglink/sandbox.json')) as { resources: { id: string }[] }
  const { createSandbox } = await import('../../src/sandbox/sandbox.ts')
  const sandbox = createSandbox({ state: state as never })
  await sandbox.add({ [`${hub}/providers/Microsoft.Authorization/locks/keep`]: { properties: { level: 'CanNotDelete', notes: 'netops' } } })
  here.write('.pglink/sandbox.json', JSON.stringify({ ...state, ...sandbox.exportState() }))
  here.write('topology.yaml', topology('', safety))
  return here
}

const says = /nothing in Azure remembers the CanNotDelete lock keep on `?networks\/hub`? while it is off/

test('a lock that only the journal could remember refuses the plan, with the reason and the ways out', async () => {
  const here = await locked()
  const { code, stdout } = await here.pglink(`plan ${asked}`)
  expect(code).toBe(6)
  expect(stdout).toMatch(/resourceGroups\/rg-net cannot be locked while this plan deletes networks\/hub\/subnets\/a/)
  expect(stdout).toMatch(/`safety.lockMemory: journal` or `--journal-only-memory`\. \[no-lock-memory\]/)
  expect((await here.pglink(`apply --auto-approve ${asked}`)).code).toBe(6)
})

test('accepted, it is a danger in every form of the plan, and the saved plan keeps to it', async () => {
  const here = await locked()
  const forms = '--json-into events.ndjson --markdown plan.md --html plan.html --sarif plan.sarif --out plan.json'
  const { code, stdout } = await here.pglink(`plan ${asked} --journal-only-memory ${forms}`)
  expect(code).toBe(0)
  expect(stdout).toMatch(/Look at this first:\n(?: {2}.*\n)* {2}Lock remembered by the journal alone: nothing in Azure remembers/)
  expect(stdout).toMatch(says)
  for (const name of ['events.ndjson', 'plan.md', 'plan.html', 'plan.sarif']) expect(here.read(name)).toMatch(says)
  const { dangers, steps, topology: made } = JSON.parse(here.read('plan.json')) as PlanDocument
  expect(dangers).toContainEqual(expect.objectContaining({ kind: 'lock-memory', message: expect.stringMatching(says) }))
  expect(steps.find(({ op }) => op === 'lock.lift')?.remembered).toEqual({ in: 'journal', on: [] })
  expect(made.flags).toMatchObject({ 'journal-only-memory': true })
  expect((await here.pglink('apply plan.json --sandbox')).code).toBe(0)
  expect((await here.pglink('locks list --sandbox')).stdout).toMatch(/keep +CanNotDelete +networks\/hub +on/)
})

test('so does the file', async () => {
  const here = await locked('safety: { lockMemory: journal }\n')
  const { code, stdout } = await here.pglink(`plan ${asked}`)
  expect([code, stdout]).toEqual([0, expect.stringMatching(says)])
})
