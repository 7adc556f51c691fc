import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { commandNames } from '../../src/cli/commands.ts'
import { forgetSecrets } from '../../src/model/redact.ts'
import { subscription } from '../support/estate.ts'
import { type CommandLine, commandLine, type Ended, variable } from './commandLine.ts'
import { echoesOf, formsOf } from './secretForms.ts'

interface Options {
  readonly runs: number
  readonly seed: number
}

/** Two secrets, and how things go wrong on the way. */
interface Drawn {
  readonly server: string
  readonly linked: string
  /** Which of the echoes Azure gives. */
  readonly echo: number
  /** After how many texts the terminal breaks. */
  readonly crash: number
  /** Where the echo comes: in the answer, or in the operation that the write began. */
  readonly operation: boolean
}

const awkward = fc.constantFrom(
  ...[
    '"',
    "'",
    '\\',
    '\n',
    '\r\n',
    '\t',
    '%',
    '%41',
    '+',
    '/',
    '=',
    '&',
    '<',
    '>',
    '$',
    '${',
    '^',
    '.*',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '|'
  ],
  ...[' ', '`', '\u001b[31m', '\u0085', '\u202e', '\u200b', 'ß', '東', '🔒', '\\u0041', '::', '##[', '&quot;']
)
const piece = fc.oneof(awkward, fc.string({ unit: 'grapheme', maxLength: 8 }), fc.base64String({ maxLength: 12 }))
const text = fc.array(piece, { minLength: 1, maxLength: 12 }).map(pieces => pieces.join('').replaceAll('\0', ''))

/** As an environment can hold it: no half of a pair alone. */
const wellFormed = (value: string): string => Buffer.from(value).toString()

const drawn: fc.Arbitrary<Drawn> = fc.record({
  // The prefix has the sorts of characters that the service wants.
  server: text.map(rest => wellFormed(`Aa1-pass${rest}`.slice(0, 120))),
  linked: fc
    .oneof(
      text.map(rest => `${rest}linked-1`),
      fc.integer({ min: 200, max: 4000 }).chain(length => fc.string({ unit: 'binary-ascii', minLength: length, maxLength: length }))
    )
    .map(value => wellFormed(value.replaceAll('\0', '0'))),
  echo: fc.nat(20),
  crash: fc.integer({ min: 1, max: 12 }),
  operation: fc.boolean()
})

interface Wanted {
  readonly endpoint?: boolean
  readonly passwordVersion?: number
  readonly more?: string
}

const topology = ({ endpoint = false, passwordVersion = 1, more = '' }: Wanted): string => `version: 1
name: hush
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: rg-hush
${more}
networks:
  hub:
    addressSpace: [10.20.0.0/16]
    subnets: { a: { addressPrefix: 10.20.1.0/24 } }
    locks: { keep: { level: ReadOnly, notes: by netops } }
servers:
  hush-pg:
    version: "17"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 128 }
    administrator: { login: hush_admin, password: "\${env:PG}", passwordVersion: ${passwordVersion} }
    networking: { publicAccess: { enabled: true } }
    databases: { books: {} }
${endpoint ? '    privateEndpoints: { pe: { subnet: hub/a, privateDns: none, approval: automatic } }\n' : ''}
dataFactories:
  hush-adf:
    linkedServices:
      books:
        { type: AzurePostgreSql, server: hush-pg, database: books, username: reader, password: "\${env:LS}", passwordVersion: ${passwordVersion}, encryption: SSL }
`

const [PG, LS] = [variable('PG'), variable('LS')]
const broken = [
  topology({}).replace(`"${PG}", passwordVersion`, `"${PG}, passwordVersion`),
  topology({}).replace(`"${PG}"`, PG),
  topology({}).replace('login: hush_admin', `login: "${PG}"`),
  topology({ more: `tags: { note: "x-${LS}" }` }),
  topology({}).replace('rg-hush', `rg-${PG}`),
  topology({ more: `location2: "${PG}"` })
]

const echoOf = (secret: string, echo: number): string => {
  const echoes = echoesOf(JSON.stringify({ properties: { password: secret, userName: 'x' } }))
  return `The body was not understood: ${echoes[echo % echoes.length]}`
}

/** Says each of the writes that a run makes back to it, secret and all. */
function faults({ server, linked, echo, operation }: Drawn): string {
  const say = (path: string, secret: string) => {
    const message = echoOf(secret, echo)
    const failing = { method: 'PUT', path, nth: 1 }
    return operation && path.includes('flexibleServers')
      ? { ...failing, operation: { code: 'InvalidParameterValue', message } }
      : { ...failing, status: 400, code: 'InvalidRequestContent', message }
  }
  return JSON.stringify([say('/flexibleServers/[^/]+$', server), say('/linkedservices/[^/]+$', linked)])
}

/**
 * Random secrets through every command, output, file and way to fail; then they are searched for in all that was said and
 * written, as they are and in every escape. A point is one text that was searched.
 */
export async function secrets({ runs, seed }: Options): Promise<{ readonly points: number; readonly failed: string[] }> {
  const failed: string[] = []
  let points = 0
  for (const [index, one] of fc.sample(drawn, { numRuns: runs, seed }).entries()) {
    const here = commandLine()
    const elsewhere = commandLine({ 'faults.json': faults(one) })
    try {
      const texts = await allCommands(here, one, `${elsewhere.path}/faults.json`)
      const searched = [
        ...texts,
        ...[...here.files()].map(([file, content]): Said => [`the file ${file}`, withoutEcho(file, content, one)])
      ]
      points += searched.length
      failed.push(...leaks(searched, one).map(leak => `seed ${seed}, run ${index}: ${leak}`))
    } catch (error) {
      failed.push(`seed ${seed}, run ${index}: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      here.remove()
      elsewhere.remove()
      forgetSecrets()
    }
  }
  return { points, failed }
}

/** The sandbox stands for Azure, and in its file is what Azure itself was made to say; but no secret that it was sent. */
const withoutEcho = (file: string, content: string, { server, echo }: Drawn): string =>
  file.endsWith('sandbox.json') ? content.replaceAll(JSON.stringify(echoOf(server, echo)).slice(1, -1), '') : content

type Said = readonly [where: string, text: string]

function leaks(searched: readonly Said[], { server, linked }: Drawn): string[] {
  const forms = [...formsOf(server), ...formsOf(linked)]
  return searched.flatMap(([where, content]) =>
    forms.flatMap(([form, secret]) => {
      const at = content.indexOf(secret)
      return at < 0
        ? []
        : [`${where} shows a secret (${form}): ${JSON.stringify(content.slice(Math.max(0, at - 60), at + secret.length + 20))}`]
    })
  )
}

async function allCommands(here: CommandLine, one: Drawn, faultsFile: string): Promise<Said[]> {
  const env = { PG: one.server, LS: one.linked }
  const said: Said[] = []
  const run = async (command: string, crash?: number): Promise<Ended> => {
    const words = command.split(' ')
    const takesNone = /^(explain|import|fmt|schema|completion|init|devops)\b/.test(command)
    const sandbox = /^(validate|render|explain|fmt|schema|completion|init|devops)\b/.test(command)
      ? []
      : ['--sandbox', '--sandbox-log', 'requests.ndjson']
    const ended = await here.pglink(
      [...words, ...(takesNone ? [] : ['--allow-env', 'PG', '--allow-env', 'LS']), ...sandbox],
      env,
      crash === undefined ? {} : { crash: { after: crash, saying: one.server } }
    )
    said.push([`${command} (stdout)`, ended.stdout], [`${command} (stderr)`, ended.stderr])
    return ended
  }
  const must = ({ code, stdout, stderr }: Ended, ...codes: readonly number[]): void => {
    if (!codes.includes(code)) throw new Error(`exit ${code}, not ${codes.join(' or ')}: ${stderr}${stdout}`)
  }
  for (const text of broken) {
    here.write('topology.yaml', text)
    must(await run('validate --sarif invalid.sarif'), 4)
    for (const command of ['validate --json', 'validate --fix']) must(await run(command), 4)
    must(await run('plan'), 4)
    must(await run('fmt --check'), 0, 2, 4)
  }
  here.write('topology.yaml', topology({}))
  for (const command of ['validate --json', 'render', 'render --json']) must(await run(command), 0)
  must(await run('plan --out plan.json --json-into plan.ndjson --markdown plan.md --html plan.html --sarif plan.sarif'), 0)
  must(await run('plan --json'), 0)
  for (const format of ['mermaid', 'dot', 'svg']) must(await run(`graph --format ${format}`), 0)
  must(await run(`apply plan.json --auto-approve --sandbox-faults ${faultsFile}`), 1, 8)
  must(await run(`apply --auto-approve --json --json-into apply.ndjson --sandbox-faults ${faultsFile}`), 0, 1, 8)
  must(await run('apply --auto-approve'), 0, 1, 8)
  for (const command of ['connections list', 'connections list --all']) must(await run(command), 0)
  for (const verb of ['show', 'approve', 'reject', 'remove']) must(await run(`connections ${verb} hush-pg --expect hush-pe`), 64)
  for (const command of ['verify', 'verify --json', 'verify --probe']) must(await run(command), 0, 3, 7)
  here.write('topology.yaml', topology({ endpoint: true, passwordVersion: 2 }))
  must(await run('drift --json-into drift.ndjson --markdown drift.md --sarif drift.sarif'), 1, 3)
  must(await run('drift --json'), 1, 3)
  await run('drift --revert --out revert.json')
  await run('drift --accept')
  here.write('topology.yaml', topology({ endpoint: true, passwordVersion: 2 }))
  must(await run(`apply --auto-approve --json --sandbox-faults ${faultsFile}`), 1, 8)
  await run('apply --auto-approve', one.crash)
  for (const command of ['locks list', 'locks list --json', 'plan --json', 'plan', 'locks restore --json --now', 'locks restore'])
    await run(command)
  await run('plan --keep-stored-credential dataFactories/hush-adf/linkedServices/books')
  must(await run('apply --auto-approve --json'), 0)
  must(await run('connections list --json'), 0)
  for (const command of ['doctor', 'output', 'show servers/hush-pg', 'show dataFactories/hush-adf/linkedServices/books --json'])
    must(await run(command), 0)
  for (const command of ['release servers/hush-pg', 'adopt servers/hush-pg']) must(await run(`${command} --auto-approve`), 0)
  must(await run('explain PGL917'), 0)
  // There is no Azure DevOps here: they say what is not set, and test/devops has the rest.
  for (const command of ['devops comment plan.json', 'devops approved --definition 1']) must(await run(command), 1)
  for (const command of ['schema', 'completion bash', 'init new --topology-name hush --location eastus2']) must(await run(command), 0)
  must(await run('fmt'), 0)
  const group = `/subscriptions/${subscription}/resourceGroups/rg-hush`
  must(await run(`import --out imported.yaml --resource-group ${group}`), 0)
  const missing = commandNames.filter(name => name !== 'sandbox' && !said.some(([where]) => where.startsWith(name)))
  if (missing.length > 0) throw new Error(`No secret was fed to: ${missing.join(', ')}`)
  return said
}
