import { readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import type { DriftDocument } from '../../src/document/drift.generated.ts'
import { type Folder, folder, type Ran } from '../support/cli.ts'

const schema = JSON.parse(readFileSync(new URL('../../schema/drift.schema.json', import.meta.url), 'utf8')) as object
const validate = new Ajv2020.Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)

/** The document, as the published schema has it. */
export function documentOf({ stdout }: Ran): DriftDocument {
  const document: unknown = JSON.parse(stdout)
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
  return document as DriftDocument
}

export const topology = `version: 1
name: net
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: rg-net
tags: { team: payments }   # who pays
networks:
  hub:
    # The whole of it.
    addressSpace: [10.20.0.0/16]
    subnets:
      endpoints: { addressPrefix: 10.20.1.0/24 }
    locks:
      keep: { level: CanNotDelete, notes: ours }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
`

/** Changes by others in Azure, as a topology that is applied there in place of ours. */
export const moved = topology
  .replace('team: payments', 'team: thieves')
  .replace('notes: ours', 'notes: theirs')
  .replace('[10.20.0.0/16]', '[10.20.0.0/16, 10.21.0.0/16]')

const state = '.pglink/sandbox.json'

/** The estate as applied, and as somebody left it, made once: what the tests are about is what comes after. */
let made: Promise<{ readonly applied: string; readonly moved: string }> | undefined

async function make(): Promise<{ readonly applied: string; readonly moved: string }> {
  const here = folder({ 'topology.yaml': topology, 'theirs/topology.yaml': moved })
  expect((await here.pglink('apply --sandbox --auto-approve')).code).toBe(0)
  const applied = here.read(state)
  const done = await here.pglink('apply --sandbox --auto-approve --data-dir .pglink theirs/topology.yaml')
  expect(done.code, done.stdout + done.stderr).toBe(0)
  return { applied, moved: here.read(state) }
}

export async function applied(): Promise<Folder> {
  made ??= make()
  return folder({ 'topology.yaml': topology, [state]: (await made).applied })
}

export async function drifted(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  made ??= make()
  return folder({ 'topology.yaml': topology, 'theirs/topology.yaml': moved, [state]: (await made).moved, ...files })
}
