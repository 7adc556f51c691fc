import recorded from './parameters.recorded.json' with { type: 'json' }

export interface Parameter {
  readonly name: string
  readonly defaultValue: string
  /** Where Azure itself has set another, in the file of a new server. */
  readonly value: string
  readonly source: string
  readonly dataType: 'Boolean' | 'Integer' | 'Numeric' | 'Enumeration' | 'Set' | 'String'
  /** A range for numbers, a list with commas for words, a regular expression for texts. */
  readonly allowedValues: string
  readonly description: string
  /** In place of it from major version 17 on, and in the api-versions of that time. */
  readonly latest?: string
  /** The page that describes it; Azure's own parameters have none. */
  readonly documentation?: (major: string) => string
  readonly unit?: string
  readonly isDynamicConfig: boolean
  readonly isReadOnly: boolean
}

/** A parameter as a list of a server has it; a member that most have alike is left out. */
type Recorded = Pick<Parameter, 'name' | 'allowedValues'> & { readonly dataType: string } & Partial<
    Pick<Parameter, 'defaultValue' | 'value' | 'source' | 'unit' | 'isDynamicConfig' | 'isReadOnly'>
  >

/** Not in the lists that were recorded, and set by what users and Microsoft's own tests write [REC, azure-quickstart-templates]. */
const besides: readonly Recorded[] = [
  { name: 'azure.fabric_mirror_enabled', dataType: 'Boolean', allowedValues: 'on,off', defaultValue: 'off' },
  { name: 'azure.mirror_databases', dataType: 'String', allowedValues: '.*', defaultValue: '' },
  { name: 'index_tuning.mode', dataType: 'Enumeration', allowedValues: 'off,report', defaultValue: 'off' }
]

/** Name, chapter of PostgreSQL's manual, description, and the description of later versions. The misspelling is Azure's. */
const described: ReadonlyMap<string, readonly string[]> = new Map(
  [
    ['max_connections', 'connection', 'Sets the maximum number of concurrent connections.'],
    ['superuser_reserved_connections', 'connection', 'Connections reserved for superusers.'],
    ['listen_addresses', 'connection', 'Sets the host name or IP addresses to listen to.'],
    ['port', 'connection', 'Sets the TCP port the server listens on.'],
    ['tcp_keepalives_idle', 'connection', 'Time between issuing TCP keepalives.'],
    ['ssl', 'connection', 'Enables SSL connections.'],
    ['require_secure_transport', 'connection', 'Whether client connections are required to use secure transport.'],
    ['ssl_min_protocol_version', 'connection', 'Sets the minimum SSL/TLS protocol version to use.'],
    ['password_encryption', 'connection', 'Chooses the algorithm for encrypting passwords.'],
    ['shared_buffers', 'resource', 'Sets the number of shared memory buffers used by the server.'],
    ['work_mem', 'resource', 'Sets the memory to be used for query workspaces.'],
    ['maintenance_work_mem', 'resource', 'Sets the memory to be used for maintenance operations.'],
    ['temp_buffers', 'resource', 'Sets the temporary buffers used by each session.'],
    ['max_worker_processes', 'resource', 'Sets the maximum number of concurrent worker processes.'],
    ['max_parallel_workers', 'resource', 'Sets the maximum number of parallel workers active at one time.'],
    ['effective_cache_size', 'query', "Sets the planner's assumption about the size of the data cache."],
    ['random_page_cost', 'query', "Sets the planner's cost of a nonsequentially fetched disk page."],
    ['jit', 'query', 'Allows just-in-time compilation.'],
    ['wal_level', 'wal', 'Sets the level of information written to the WAL.'],
    ['max_wal_size', 'wal', 'Sets the WAL size that triggers a checkpoint.'],
    ['max_wal_senders', 'replication', 'Sets the maximum number of simultaneous WAL senders.'],
    ['max_replication_slots', 'replication', 'Sets the maximum number of replication slots.'],
    ['checkpoint_completion_target', 'wal', 'Spreads the writes of a checkpoint over this part of the interval.'],
    ['fsync', 'wal', 'Forces synchronization of updates to disk.'],
    ['full_page_writes', 'wal', 'Writes full pages to WAL after a checkpoint.'],
    ['synchronous_commit', 'wal', "Sets the current transaction's synchronization level."],
    ['log_checkpoints', 'logging', 'Logs each checkpoint.'],
    ['log_connections', 'logging', 'Logs each successful connection.'],
    ['log_disconnections', 'logging', 'Logs the end of a session, with its duration.'],
    ['log_min_duration_statement', 'logging', 'Sets the execution time above which statements are logged.'],
    ['log_min_messages', 'logging', 'Controls which message levels are written to the server log.'],
    ['log_statement', 'logging', 'Sets the type of statements logged.'],
    [
      'pgaudit.log',
      '',
      'Specifies which classes of statements will be logged by session audit logging.',
      'Specifies which classes of statements will be logged by session audit logging. Multiple classes can be provided using a comma-separated list and classes can be subtracted by prefacing the class with a - sign.'
    ],
    ['lock_timeout', 'client', 'Sets the maximum allowed duration (in milliseconds) of any wait for a lock. 0 turns this off.'],
    ['statement_timeout', 'client', 'Sets the maximum allowed duration of any statement. 0 turns this off.'],
    ['idle_in_transaction_session_timeout', 'client', 'Sets the maximum allowed idle time between queries, when in a transaction.'],
    ['idle_session_timeout', 'client', 'Sets the maximum allowed idle time between queries, when not in a transaction.'],
    ['deadlock_timeout', 'locks', 'Sets the time to wait on a lock before checking for deadlock.'],
    ['default_transaction_isolation', 'client', 'Sets the transaction isolation level of each new transaction.'],
    ['TimeZone', 'client', 'Sets the time zone for displaying and interpreting time stamps.'],
    ['search_path', 'client', 'Sets the schema search order for names that are not schema-qualified.'],
    ['shared_preload_libraries', 'client', 'Sets which shared libraries are preloaded at server start.'],
    ['azure.extensions', '', 'List of extensions that can be created.'],
    ['autovacuum', 'autovacuum', 'Starts the autovacuum subprocess.'],
    ['autovacuum_max_workers', 'autovacuum', 'Sets the maximum number of simultaneously running autovacuum worker processes.'],
    ['autovacuum_naptime', 'autovacuum', 'Time to sleep between autovacuum runs.'],
    ['pgbouncer.enabled', 'connection', 'Denotes if pgBouncer service is enabled.'],
    ['logfiles.download_enable', '', 'Enables or disables server logs functionality.'],
    ['azure.fabric_mirror_enabled', '', 'Sepcifies the flag indicating if mirroring is enabled on server.'],
    ['azure.mirror_databases', '', 'Sepcifies the list of databases for which to enable mirroring.']
  ].map(([name = '', ...rest]) => [name, rest])
)

const auditReadme = 'https://github.com/pgaudit/pgaudit/blob/master/README.md'

/** This one of Azure's own parameters has a page; those named `azure.…` have none. */
const logFiles = 'https://go.microsoft.com/fwlink/?linkid=2274270'

/** In PostgreSQL's manual each chapter has a page, and each parameter a place. */
function documentationOf(chapter: string | undefined, name: string): Pick<Parameter, 'documentation'> {
  if (name.startsWith('logfiles.')) return { documentation: () => logFiles }
  if (name.startsWith('pgaudit.')) return { documentation: () => auditReadme }
  if (chapter === undefined || chapter === '') return {}
  const place = name.toUpperCase().replaceAll('_', '-')
  return { documentation: major => `https://www.postgresql.org/docs/${major}/runtime-config-${chapter}.html#GUC-${place}` }
}

function parameter({ defaultValue = '', value = defaultValue, ...one }: Recorded): Parameter {
  const [chapter, description = '', latest] = described.get(one.name) ?? []
  const type = one.dataType as Parameter['dataType']
  return {
    source: 'system-default',
    isDynamicConfig: true,
    isReadOnly: false,
    ...one,
    defaultValue,
    value,
    dataType: type,
    description,
    ...(latest !== undefined && { latest }),
    ...documentationOf(chapter, one.name)
  }
}

const lists: Readonly<Record<string, readonly Recorded[]>> = recorded

const made = new Map<string, ReadonlyMap<string, Parameter>>()

/** The list of a major version; that of the nearest recorded one, the older of two that are as near. */
function listOf(major: string): ReadonlyMap<string, Parameter> {
  const away = (one: string): number => Math.abs(Number(one) - Number(major))
  const nearest = Object.keys(lists).reduce((best, one) => (away(one) < away(best) ? one : best))
  const known = made.get(nearest)
  if (known !== undefined) return known
  const all = [...(lists[nearest] ?? []), ...besides].map(parameter).sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
  const list = new Map(all.map(one => [one.name.toLowerCase(), one]))
  made.set(nearest, list)
  return list
}

export const parametersOf = (major: string): readonly Parameter[] => [...listOf(major).values()]

export const parameterOf = (name: string, major: string): Parameter | undefined => listOf(major).get(name.toLowerCase())

/** Whether a value is one that the parameter can have. */
export function takes({ dataType, allowedValues }: Parameter, value: string): boolean {
  const words = allowedValues.split(',').map(word => word.trim().toLowerCase())
  switch (dataType) {
    case 'Boolean':
    case 'Enumeration':
      return words.includes(value.toLowerCase())
    case 'Set':
      return value === '' || value.split(',').every(part => words.includes(part.trim().replace(/^-/, '').toLowerCase()))
    case 'Integer':
      return /^-?\d+$/.test(value) && isWithinRange(Number(value), allowedValues)
    case 'Numeric':
      return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) && isWithinRange(Number(value), allowedValues)
    case 'String':
      return new RegExp(`^(${allowedValues})$`).test(value)
    default:
      return dataType satisfies never
  }
}

function isWithinRange(value: number, range: string): boolean {
  const [, least = '', most = ''] = /^(-?[\d.]+(?:e\+?\d+)?)-(.+)$/.exec(range) ?? []
  return value >= Number(least) && value <= Number(most)
}
