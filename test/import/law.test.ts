import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { exampleNames } from '../examples/example.ts'
import type { Ended } from '../simulate/commandLine.ts'
import { subscription } from '../support/estate.ts'
import { runs, seed } from '../support/parts.ts'
import { type Came, type Case, cameOf, drawn } from './estates.ts'

/*
 * The law of an import: a plan of the imported file says that there is nothing to do. The plan is made by the command, from the file on
 * disk; the import is a command of its own before it.
 */

const groups: Readonly<Record<string, readonly string[]>> = {
  approval: ['rg-claims-network', 'rg-claims-data'],
  'data-factory': ['rg-pipeline'],
  locked: ['rg-vault'],
  'multi-server': ['rg-fleet'],
  quickstart: ['rg-orders'],
  'three-duties': ['rg-network', 'rg-data', 'rg-etl'],
  'vnet-integration': ['rg-ledger']
}

const root = fileURLToPath(new URL('../../examples', import.meta.url))

function exampleCase(name: string): Case {
  const files = Object.fromEntries(readdirSync(join(root, name)).map(file => [file, readFileSync(join(root, name, file), 'utf8')]))
  return {
    name,
    files: { ...files, ...('sandbox.json' in files && { 'seed.json': files['sandbox.json'] ?? '' }) },
    topologies: ['topology.yaml', ...('dba.yaml' in files ? ['dba.yaml'] : [])],
    asked: [
      ...(groups[name] ?? []).flatMap(group => ['--resource-group', `/subscriptions/${subscription}/resourceGroups/${group}`]),
      '--topology-name',
      nameIn(files['topology.yaml'])
    ],
    secrets: parseEnv(files['.env.example'] ?? '') as Case['secrets']
  }
}

const nameIn = (text = ''): string => /^name: (.*)$/m.exec(text)?.[1] ?? ''

function holds({ imported, again, text, validated, planned, adopted, after, writes }: Came): void {
  expect(imported.code, imported.stderr).toBe(0)
  expect(planned.stdout, `${text}\n${planned.stderr}`).toMatch(/^No changes(\.| that an apply could make\.)/m)
  // The file says of each finding, where its entry stands, that it looks wrong.
  for (const [, finding = ''] of planned.stdout.matchAll(/^ {4}(servers\/\S+) (is|has|leads)/gm))
    expect(text).toContain(`Looks wrong: ${finding}`)
  // 7 where a connection waits for the decision of somebody.
  expect(planned.code, planned.stdout).toBe(/^ {2}Waiting for others:/m.test(planned.stdout) ? 7 : 0)
  // An adopted resource is as it was, but for its owner.
  expect(adopted?.code ?? 0, `${adopted?.stdout}${adopted?.stderr}`).toBe(0)
  const said = (ended: Ended): string => ended.stdout.replace(/^(\d+ ARM reads|Plan digest: ).*/gm, '')
  expect(after && said(after)).toEqual(after && said(planned))
  expect(again.stdout).toBe(text)
  expect(writes).toEqual([])
  expect(validated.code, validated.stderr).toBe(0)
  // Every warning is explained in the file, by the rule's id.
  for (const [, rule = ''] of validated.stderr.matchAll(/ warning (PGL\d+) /g)) expect(text).toContain(`# ${rule}: `)
}

test('there is a group to import for every example', () => expect(Object.keys(groups).sort()).toEqual(exampleNames))

describe.each(exampleNames)('%s', name => {
  test('what an apply has made imports to a file without changes', async () => {
    const came = await cameOf(exampleCase(name))
    holds(came)
    console.log(`${name}: ${came.byId} of ${came.entries} entries by their id`)
    expect(came.byId).toBe(0)
  }, 120_000)
})

test('estates drawn by chance import to files without changes', async () => {
  const all: Came[] = []
  for (const one of drawn(runs(8, 2), seed)) {
    const came = await cameOf(one)
    // A plan may be refused, or wait for somebody before its first step: then there is nothing to import.
    if (came.applies.some(({ code }) => code !== 0 && code !== 7) || came.imported.stderr.includes('There is no resource group')) continue
    holds(came)
    all.push(came)
  }
  expect(all.some(({ adopted }) => adopted !== undefined)).toBe(true)
  const entries = all.reduce((sum, one) => sum + one.entries, 0)
  const byId = all.reduce((sum, one) => sum + one.byId, 0)
  console.log(`${all.length} estates of seed ${seed}: ${byId} of ${entries} entries by their id`)
  expect(byId / entries).toBeLessThan(0.1)
}, 600_000)
