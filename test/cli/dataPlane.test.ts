import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeCertificate } from '../../src/sandbox/certificate.ts'
import { postgresFolder } from '../../src/sandbox/dataPlane/programs.ts'
import { type Folder, folder } from '../support/cli.ts'
import { isThere } from '../support/required.ts'
import { serve } from './serving.ts'

const hasPostgres = isThere('postgresql', postgresFolder() !== undefined, 'Install the package postgresql.')
const hasOpenssl = isThere('openssl', spawnSync('openssl', ['version']).status === 0, 'Install openssl.')
if (!hasPostgres) process.stderr.write('The data plane of the sandbox is not tested: there is no PostgreSQL here.\n')

const subscription = '/subscriptions/11111111-1111-4111-8111-111111111111'
const group = `${subscription}/resourceGroups/rg-met/providers`
const server = `${group}/Microsoft.DBforPostgreSQL/flexibleServers/met-pg`
const zone = `${group}/Microsoft.Network/privateDnsZones/privatelink.postgres.database.azure.com`
const fqdn = 'met-pg.postgres.database.azure.com'

const topology = `version: 1
name: met
subscription: \${env:AZURE_SUBSCRIPTION_ID}
location: eastus2
resourceGroup: rg-met
networks:
  hub:
    addressSpace: [10.20.0.0/16]
    subnets:
      endpoints: { addressPrefix: 10.20.1.0/24 }
      servers: { addressPrefix: 10.20.2.0/28, delegation: Microsoft.DBforPostgreSQL/flexibleServers }
  spoke: { addressSpace: [10.30.0.0/16] }
privateDnsZones:
  link: { name: privatelink.postgres.database.azure.com, links: { hub: {} } }
  own: { name: inside.private.postgres.database.azure.com, links: { hub: {} } }
servers:
  met-pg:
    version: "16"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 32 }
    administrator: { login: met_admin, password: "\${env:MET_PASSWORD}" }
    networking: { publicAccess: { enabled: false } }
    parameters: { pgbouncer.enabled: "true" }
    databases: { ledger: {} }
    privateEndpoints:
      met-pe: { subnet: hub/endpoints, privateDns: { zone: link }, approval: automatic }
  met-inside:
    version: "16"
    compute: { tier: GeneralPurpose, size: Standard_D2ds_v5 }
    storage: { sizeGiB: 32 }
    administrator: { login: met_admin, password: "\${env:MET_PASSWORD}" }
    networking: { virtualNetwork: { subnet: hub/servers, privateDnsZone: own } }
`

/** The estate behind pglink's back. */
const arm = (url: string, ca: string) => (method: string, id: string, version: string, body?: object) =>
  new Promise<{ readonly [key: string]: unknown }>((resolve, reject) => {
    const headers = { authorization: 'Bearer sandbox', 'content-type': 'application/json' }
    const sent = request(`${url}${id}?api-version=${version}`, { method, ca, headers, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(text === '' ? {} : JSON.parse(text)))
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })

interface Hop {
  readonly hop: string
  readonly as: string
  readonly message: string
  readonly ms?: number
  readonly through?: string
}

const variables = { MET_PASSWORD: 'Met-in-memory-1', PGLINK_ALLOW_ENV: 'MET_PASSWORD' }

/** The estate of the topology above, converged on a sandbox with a data plane. */
async function converged() {
  const here = folder({ 'topology.yaml': topology })
  const served = await serve(here, '--speed', '1000', '--data-plane')
  const ca = here.read('.pglink/sandbox-ca.pem')
  const env = { ...served.env, ...variables }
  const applied = await here.pglink('apply --auto-approve', env)
  expect(applied.code, applied.stderr).toBe(0)
  const flags = (network: string): string => here.read(`.pglink/data-plane/${network}`).trim().split(/\s+/).join(' ')
  const verify = async (args: string, more: Readonly<Record<string, string>> = {}) => {
    const ran = await here.pglink(`verify --json --live ${args}`, { ...env, ...more })
    const paths = JSON.parse(ran.stdout).paths as readonly { readonly address: string; readonly hops: readonly Hop[] }[]
    const hops = paths.find(({ address }) => address.endsWith('/met-pe'))?.hops ?? []
    const inside = paths.find(({ address }) => address === 'servers/met-inside')?.hops ?? []
    return { ...ran, hops: hops.filter(isMet), inside: inside.filter(isMet) }
  }
  return { here, served, env, flags, verify, arm: arm(served.ready.url, ca) }
}

const isMet = ({ hop }: Hop): boolean => ['dns', 'tcp', 'tls', 'login', 'bouncerTcp', 'bouncerTls'].includes(hop)
const states = (hops: readonly Hop[]): string => hops.map(({ hop, as }) => `${hop} ${as}`).join(', ')
const messageOf = (hops: readonly Hop[], hop: string): string => hops.find(one => one.hop === hop)?.message ?? ''
const settled = (ms = 700): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** The folders of data planes: PostgreSQL's data lies there. A sandbox of these tests is told of no other folder for temporary files. */
const folders = (): string[] => readdirSync('/tmp').filter(name => name.startsWith('pglink-data-plane-'))

/** `getent` of a machine in the network, and openssl as it is here. */
function insideNetwork(here: Folder): string {
  mkdirSync(join(here.path, 'bin'))
  here.write('bin/getent', `#!/bin/sh\n[ "$2" = ${fqdn} ] || exit 2\necho "10.20.1.4 STREAM ${fqdn}"\necho "10.20.1.4 DGRAM"\n`)
  chmodSync(join(here.path, 'bin/getent'), 0o755)
  return `${join(here.path, 'bin')}:${process.env['PATH']}`
}

describe.skipIf(!hasPostgres)('a data plane', () => {
  test('lets a client through an approved path, and says where each fault is', { timeout: 120_000 }, async () => {
    const before = folders()
    const { here, served, env, flags, verify, arm } = await converged()
    const [own = '', ...others] = folders().filter(name => !before.includes(name))
    expect([own, others]).toEqual([expect.stringContaining('data-plane'), []])
    const hub = flags('hub')

    const whole = await verify(hub)
    expect({ code: whole.code, hops: states(whole.hops), inside: states(whole.inside) }).toEqual({
      code: 0,
      hops: 'dns holds, tcp holds, tls holds, bouncerTcp holds, bouncerTls holds',
      inside: 'dns holds, tcp holds, tls holds'
    })
    expect(whole.hops.every(({ ms }) => typeof ms === 'number')).toBe(true)
    expect(messageOf(whole.hops, 'tcp')).toMatch(/^10\.20\.1\.4:5432 takes connections, through --dial 127\.0\.0\.1:\d+$/)

    const login = { PGUSER: 'met_admin', PGPASSWORD: variables.MET_PASSWORD, PGDATABASE: 'ledger' }
    expect(states((await verify(hub, login)).hops)).toContain('login holds')
    const refused = await verify(hub, { ...login, PGPASSWORD: 'Another-secret-1' })
    expect({ code: refused.code, hops: states(refused.hops) }).toMatchObject({ code: 3, hops: expect.stringContaining('login broken') })
    expect(`${refused.stdout}${refused.stderr}`).not.toContain('Another-secret-1')
    expect(messageOf((await verify(hub, { ...login, PGDATABASE: 'none' })).hops, 'login')).toContain('"none" does not exist')

    here.write('other.pem', (await makeCertificate()).authority)
    const untrusted = await verify(hub.replace(/--ca \S+/, '--ca other.pem'))
    expect([untrusted.code, messageOf(untrusted.hops, 'tls')]).toEqual([3, expect.stringContaining('is not trusted')])

    const [, inside = ''] = /10\.20\.2\.\d+:5432=(\S+)/.exec(hub) ?? []
    const crossed = await verify(hub.replace(/10\.20\.1\.4:5432=\S+/, `10.20.1.4:5432=${inside}`))
    expect([crossed.code, messageOf(crossed.hops, 'tls')]).toEqual([3, expect.stringContaining(`is not for ${fqdn}`)])

    const spoke = await verify(`${flags('spoke')} ${hub.replace(/--resolver \S+|--ca \S+/g, '')}`)
    expect([spoke.code, messageOf(spoke.hops, 'dns')]).toEqual([3, expect.stringContaining('the public address 203.0.113.')])
    expect(states(spoke.hops)).toContain('tcp holds')

    await arm('DELETE', `${zone}/A/met-pg`, '2024-06-01')
    const unrecorded = await verify(hub)
    expect([unrecorded.code, messageOf(unrecorded.hops, 'dns')]).toEqual([3, expect.stringContaining('leads nowhere')])
    await arm('PATCH', `${zone}/virtualNetworkLinks/hub`, '2024-06-01', { properties: { resolutionPolicy: 'NxDomainRedirect' } })
    await settled()
    expect(messageOf((await verify(hub)).hops, 'dns')).toContain('the public address')

    const { value } = (await arm('GET', `${server}/privateEndpointConnections`, '2025-08-01')) as { value: { id: string }[] }
    const rejected = { properties: { privateLinkServiceConnectionState: { status: 'Rejected', description: 'no' } } }
    await arm('PUT', value[0]?.id ?? '', '2025-08-01', rejected)
    await settled()
    const closed = await verify(hub)
    expect([closed.code, messageOf(closed.hops, 'tcp')]).toEqual([3, expect.stringContaining('takes no connection')])
    expect(states(closed.inside)).toBe('dns holds, tcp holds, tls holds')

    const ended = once(served.child, 'exit')
    served.child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(folders()).not.toContain(own)
    expect(existsSync(join(here.path, '.pglink/data-plane'))).toBe(false)
    expect(here.read('.pglink/sandbox.json')).not.toContain(env.MET_PASSWORD)
  })

  test.skipIf(!hasOpenssl)('takes the script of --probe, and goes with a sandbox that is killed', { timeout: 120_000 }, async () => {
    const before = folders()
    const { here, served, env, flags } = await converged()
    const [own] = folders().filter(name => !before.includes(name))
    expect(own).toBeDefined()
    const dials = flags('hub')
      .split(' --')
      .flatMap(flag => (flag.startsWith('dial 10.20.1.4') ? [`--${flag}`] : []))
    const { stdout, stderr, code } = await here.pglink(`verify --probe ${dials.join(' ')}`, env)
    expect([code, stderr]).toEqual([0, expect.stringContaining('az vm run-command invoke')])
    expect(stdout).not.toContain(env.MET_PASSWORD)
    here.write('probe.sh', stdout)
    expect(spawnSync('sh', ['-n', 'probe.sh'], { cwd: here.path }).status).toBe(0)
    const PATH = insideNetwork(here)
    const probe = (more: Readonly<Record<string, string>>) =>
      spawnSync('sh', ['probe.sh'], { cwd: here.path, env: { PATH, ...more }, encoding: 'utf8' }).stdout.split('servers/met-inside')[0] ??
      ''
    expect(probe({ PGLINK_CA: '.pglink/sandbox-ca.pem' }).match(/^ {2}\w+ +\w+/gm)).toEqual([
      ...['name', 'tcp', 'tls'].map(hop => `  ok      ${hop}`),
      ...['name', 'tcp', 'tls'].map(hop => `  ok      ${hop}`)
    ])
    expect(probe({})).toContain('FAILED  tls: verify error')
    served.child.kill('SIGKILL')
    await settled(3_000)
    expect(folders()).not.toContain(own)
  })
})

test('without PostgreSQL it names the package, and ends with 1', async () => {
  const without = `const fs = process.getBuiltinModule('node:fs'), { syncBuiltinESMExports } = process.getBuiltinModule('node:module')
const { existsSync } = fs
fs.existsSync = path => !String(path).startsWith('/usr/lib/postgresql') && existsSync(path)
syncBuiltinESMExports()`
  const node = ['--import', `data:text/javascript,${encodeURIComponent(without)}`]
  const { code, stderr } = await folder().pglink('sandbox --data-plane', {}, node)
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^Error: [^\n]*install the package postgresql\.\n$/) })
})
