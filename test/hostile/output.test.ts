import { describe, expect, test } from 'vitest'
import { subscription } from '../support/estate.ts'
import { here } from './here.ts'
import { sound } from './sound.ts'

/** Texts that a name, a tag, a note or an error of Azure's may hold. Each ends in a word that shows it was printed at all. */
const hostile = [
  '\u001b[2J\u001b[1;1Hforged',
  '\u009b31mforged',
  'a\r\n::error file=x::forged',
  '::set-output name=x::forged',
  '  ::add-mask::forged',
  '\n##[command]forged',
  '##vso[task.setvariable variable=x]forged',
  '\u202eforged\u2066',
  'a\u2028::warning::forged',
  '\u0085::notice::forged',
  '\r::stop-commands::forged',
  '`forged` <!-- @everyone -->',
  'Apply complete! Resources: 9 added\nforged',
  '\u{e0041}\ufeff\u200bforged'
]

const forgesNothing = (text: string): void => expect(text).not.toMatch(/^Apply complete! Resources: 9/m)

const hub = `/subscriptions/${subscription}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub`

const topology = (text: string): string => `version: 1
name: net
subscription: ${subscription}
location: eastus2
resourceGroup: { name: rg-net, existing: true }
networks:
  hub:
    existing: true
    subnets:
      ours: { addressPrefix: 10.20.1.0/24 }
  spoke:
    addressSpace: [10.21.0.0/16]
    tags: { note: ${JSON.stringify(text)} }
    locks: { keep: { level: CanNotDelete, notes: ${JSON.stringify(text)} } }
`

const seed = (text: string): string =>
  JSON.stringify({
    [hub]: { location: 'eastus2', tags: { note: text }, properties: { addressSpace: { addressPrefixes: ['10.20.0.0/16'] } } },
    [`${hub}/providers/Microsoft.Authorization/locks/keep`]: { properties: { level: 'ReadOnly', notes: text } },
    [`${hub}/providers/Microsoft.Authorization/locks/pglink-owes-0123456789ab`]: { properties: { level: 'CanNotDelete', notes: text } }
  })

const faults = (text: string): string =>
  JSON.stringify([
    { method: 'PUT', path: '/virtualNetworks/spoke$', nth: 1, status: 400, code: text, message: text },
    { method: 'PUT', path: '/subnets/ours$', nth: 1, operation: { code: 'Forged', message: text } }
  ])

describe('a text that others wrote forges nothing', () => {
  test.each(hostile)(
    '%j',
    async text => {
      const { pglink } = here({ 'topology.yaml': topology(text), 'seed.json': seed(text), 'faults.json': faults(text) })
      const sandbox = ['--sandbox', '--sandbox-seed', 'seed.json', '--no-color']
      const all: string[] = []
      for (const command of [
        'validate',
        'plan',
        'locks list',
        'connections list',
        'verify',
        'locks restore',
        'apply --auto-approve --sandbox-faults faults.json',
        'plan',
        'apply --auto-approve'
      ]) {
        const flags = command === 'validate' ? [] : sandbox
        const said = await pglink([...command.split(' '), ...flags])
        const document = await pglink([...command.split(' '), '--json', ...flags])
        for (const one of [said.stdout, said.stderr, document.stdout, document.stderr]) {
          sound(one)
          forgesNothing(one)
        }
        JSON.parse(document.stdout)
        all.push(said.stdout, said.stderr, document.stdout)
      }
      expect(all.join('')).toContain('forged')
    },
    60_000
  )

  test.each(hostile)(
    'in the file itself: %j',
    async text => {
      const files = [
        `version: 1\nname: ${JSON.stringify(text)}\n`,
        `${JSON.stringify(text)}: 1\n`,
        `version: 1\nname: net\nextends: ${JSON.stringify(text)}\n`,
        `version: 1\nname: net\nnetworks: { ${JSON.stringify(text)}: { addressSpace: [${JSON.stringify(text)}], subnets: { a: { addressPrefix: ${JSON.stringify(text)} } } } }\n`,
        `version: 1\nname: net\ncloud: ${JSON.stringify(text)}\nlocation: ${JSON.stringify(text)}\nresourceGroup: ${JSON.stringify(text)}\nremoved: [${JSON.stringify(text)}]\n`,
        `version: 1\nname: net\n# ${text}\nx: [\n${text}`
      ]
      for (const content of files) {
        const { pglink } = here({ 'topology.yaml': content, 'plan.json': content, [`${text.replace(/[\0/]/g, '')}.yaml`]: content })
        const commands = [
          ['validate'],
          ['validate', '--json'],
          ['validate', `${text.replace(/[\0/]/g, '')}.yaml`],
          ['plan', '--sandbox'],
          ['apply', 'plan.json', '--sandbox'],
          ['explain', text],
          [text],
          ['plan', `--${text}`]
        ]
        for (const args of commands) {
          const { stdout, stderr } = await pglink(args)
          sound(stdout)
          sound(stderr)
          expect(stdout + stderr).not.toContain('pglink has a bug')
        }
      }
    },
    60_000
  )
})
