import { dirname, join } from 'node:path'
import { UsageError } from './usage.ts'

/** A sandbox that runs, as another program has to be told of it. */
interface Running {
  readonly port: number
  /** The file with the authority to trust, from the root. */
  readonly ca: string
  readonly subscription: string
  readonly tenant: string
}

/** Anybody is let in: the sandbox asks who, and looks at the secret only where `--principals` names one. */
const client = { id: '00000000-0000-4000-8000-000000000001', secret: 'sandbox' }

/**
 * The lines of a POSIX shell that point a client at a running sandbox, for pasting or for `eval`. They touch nothing of a
 * login to Azure that is there.
 *
 * @throws UsageError for a client that is not known
 */
export function clientEnv(name: string, running: Running): string {
  const lines = clients.get(name)
  if (lines === undefined) throw new UsageError(`--print-env takes ${[...clients.keys()].join(' or ')}, not ${JSON.stringify(name)}.`)
  return `${lines(running).join('\n')}\n`
}

const clients: ReadonlyMap<string, (running: Running) => readonly string[]> = new Map([
  ['az', azureCli],
  ['terraform', terraform]
])

function azureCli({ port, ca, subscription, tenant }: Running): readonly string[] {
  const url = `https://localhost:${port}`
  // One for each port, since a cloud's addresses are kept in it.
  const folder = join(dirname(ca), `azure-cli-${port}`)
  return [
    `# Azure CLI, signed in to the sandbox on port ${port}. Only this shell is changed: its settings are in a folder of their own.`,
    `export AZURE_CONFIG_DIR=${quoted(folder)}`,
    `export REQUESTS_CA_BUNDLE=${quoted(ca)}`,
    'export AZURE_CORE_COLLECT_TELEMETRY=false',
    `az cloud show --name sandbox >/dev/null 2>&1 || az cloud register --name sandbox --endpoint-resource-manager ${url} --endpoint-active-directory ${url}/adfs`,
    'az cloud set --name sandbox 2>/dev/null',
    `az login --service-principal --username ${client.id} --password ${client.secret} --tenant ${tenant} --output none`,
    `az account set --subscription ${subscription}`
  ]
}

function terraform({ port, ca, subscription, tenant }: Running): readonly string[] {
  return [
    `# Terraform's azurerm provider, pointed at the sandbox on port ${port}. Run \`terraform init\` first: with SSL_CERT_FILE set, this`,
    '# shell trusts the sandbox alone. The configuration needs nothing but: provider "azurerm" { features {} }',
    `export SSL_CERT_FILE=${quoted(ca)}`,
    `export ARM_METADATA_HOSTNAME=localhost:${port}`,
    `export ARM_SUBSCRIPTION_ID=${subscription}`,
    `export ARM_TENANT_ID=${tenant}`,
    `export ARM_CLIENT_ID=${client.id}`,
    `export ARM_CLIENT_SECRET=${client.secret}`,
    'export ARM_USE_CLI=false',
    'export ARM_RESOURCE_PROVIDER_REGISTRATIONS=none',
    '# Without this the provider waits 10 seconds before it first asks after anything.',
    'export GO_AZURE_SDK_SKIP_POLLING_DELAY=true'
  ]
}

const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
