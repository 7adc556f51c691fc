import { dirname, join } from 'node:path'
import { UsageError } from '../engine/stop.ts'
import { shellWord } from '../model/shell.ts'

/** A sandbox that runs, as another program has to be told of it. */
export interface Running {
  readonly port: number
  /** The file with the authority to trust, from the root. */
  readonly ca: string
  readonly subscription: string
  readonly tenant: string
  /** Signs in; the sandbox lets any client in unless it was given principals. */
  readonly client: { readonly id: string; readonly secret: string }
}

/** Any client is let in: the sandbox asks for both, and looks at the secret only where `--principals` names one. */
export const anyClient = { id: '00000000-0000-4000-8000-000000000001', secret: 'sandbox' }

/**
 * The lines of a shell that point a client at a running sandbox, for pasting or for `eval`. They touch nothing of a login to
 * Azure that is there.
 *
 * @throws UsageError for a client that is not known
 */
export function clientEnv(name: string): (running: Running) => string {
  const lines = clients.get(name)
  if (lines === undefined) throw new UsageError(`--print-env takes ${[...clients.keys()].join(', ')}, not ${JSON.stringify(name)}.`)
  return running => `${lines(running).join('\n')}\n`
}

const clients: ReadonlyMap<string, (running: Running) => readonly string[]> = new Map([
  ['az', azureCli],
  ['terraform', terraform],
  ['sdk', sdk],
  ['powershell', powershell]
])

const urlOf = ({ port }: Running): string => `https://localhost:${port}`

/**
 * All commands are one, joined by `&&`: had `az cloud set` failed and `az login` gone on, the secret would have gone to the
 * public login host.
 */
function azureCli(running: Running): readonly string[] {
  const { port, ca, subscription, tenant, client } = running
  const url = urlOf(running)
  // One for each port, since a cloud's addresses are kept in it.
  const folder = join(dirname(ca), `azure-cli-${port}`)
  return [
    `# Azure CLI, signed in to the sandbox on port ${port}. Only this shell is changed: its settings are in a folder of their own.`,
    `export AZURE_CONFIG_DIR=${shellWord(folder)} &&`,
    `export REQUESTS_CA_BUNDLE=${shellWord(ca)} &&`,
    'export AZURE_CORE_COLLECT_TELEMETRY=false &&',
    `{ az cloud list --query '[].name' --output tsv | grep -qx sandbox ||`,
    `  az cloud register --name sandbox --endpoint-resource-manager ${url} --endpoint-active-directory ${url}/adfs; } &&`,
    'az cloud set --name sandbox &&',
    `az login --service-principal --username ${shellWord(client.id)} --password ${shellWord(client.secret)} --tenant ${tenant} --output none &&`,
    `az account set --subscription ${subscription}`
  ]
}

/** Both providers at once: azurerm goes by the metadata host alone, azapi by the addresses of a custom cloud. */
function terraform(running: Running): readonly string[] {
  const { port, ca, subscription, tenant, client } = running
  const url = urlOf(running)
  return [
    `# Terraform's azurerm and azapi providers, pointed at the sandbox on port ${port}. Run \`terraform init\` first: with SSL_CERT_FILE`,
    '# set, this shell trusts the sandbox alone. The configuration needs nothing but: provider "azurerm" { features {} }',
    `export SSL_CERT_FILE=${shellWord(ca)} &&`,
    `export ARM_METADATA_HOSTNAME=localhost:${port} &&`,
    'export ARM_ENVIRONMENT=custom &&',
    `export ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST=${url}/ &&`,
    `export ARM_RESOURCE_MANAGER_ENDPOINT=${url} &&`,
    `export ARM_RESOURCE_MANAGER_AUDIENCE=${url} &&`,
    'export ARM_DISABLE_INSTANCE_DISCOVERY=true &&',
    `export ARM_SUBSCRIPTION_ID=${subscription} &&`,
    `export ARM_TENANT_ID=${tenant} &&`,
    `export ARM_CLIENT_ID=${shellWord(client.id)} &&`,
    `export ARM_CLIENT_SECRET=${shellWord(client.secret)} &&`,
    'export ARM_USE_CLI=false &&',
    'export ARM_SKIP_PROVIDER_REGISTRATION=true &&',
    'export ARM_RESOURCE_PROVIDER_REGISTRATIONS=none'
  ]
}

/** In the way of AD FS, whose authority no SDK asks the public cloud about: `adfs` stands where the tenant would. */
const sdkVariables = (running: Running): readonly (readonly [string, string])[] => [
  ['NODE_EXTRA_CA_CERTS', running.ca],
  ['REQUESTS_CA_BUNDLE', running.ca],
  ['SSL_CERT_FILE', running.ca],
  ['AZURE_AUTHORITY_HOST', urlOf(running)],
  ['AZURE_TENANT_ID', 'adfs'],
  ['AZURE_CLIENT_ID', running.client.id],
  ['AZURE_CLIENT_SECRET', running.client.secret],
  ['AZURE_SUBSCRIPTION_ID', running.subscription],
  ['ARM_ENDPOINT', urlOf(running)]
]

function sdk(running: Running): readonly string[] {
  const lines = sdkVariables(running).map(([name, value]) => `export ${name}=${shellWord(value)}`)
  return [
    `# The Azure SDKs, signed in to the sandbox on port ${running.port} by their environment credential. No SDK reads where Azure Resource`,
    '# Manager is from the environment: hand ARM_ENDPOINT to the client as its endpoint.',
    ...lines.map((line, at) => (at === lines.length - 1 ? line : `${line} &&`))
  ]
}

function powershell(running: Running): readonly string[] {
  const { port, subscription, client } = running
  const url = urlOf(running)
  return [
    `# Azure PowerShell, signed in to the sandbox on port ${port} in this session alone.`,
    "$ErrorActionPreference = 'Stop'",
    ...sdkVariables(running).map(([name, value]) => `$env:${name} = ${powershellQuoted(value)}`),
    'Disable-AzContextAutosave -Scope Process | Out-Null',
    `Add-AzEnvironment -Name sandbox -ARMEndpoint ${url} -ActiveDirectoryEndpoint ${url}/adfs -EnableAdfsAuthentication | Out-Null`,
    `$secret = ConvertTo-SecureString ${powershellQuoted(client.secret)} -AsPlainText -Force`,
    `$credential = New-Object PSCredential(${powershellQuoted(client.id)}, $secret)`,
    `Connect-AzAccount -Environment sandbox -ServicePrincipal -Credential $credential -Tenant adfs -Subscription ${subscription} -Scope Process | Out-Null`
  ]
}

const powershellQuoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
