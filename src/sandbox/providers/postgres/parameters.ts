export interface Parameter {
  readonly name: string
  readonly defaultValue: string
  readonly dataType: 'Boolean' | 'Integer' | 'Numeric' | 'Enumeration' | 'Set' | 'String'
  /** A range for numbers, a list with commas for words, a regular expression for texts. */
  readonly allowedValues: string
  readonly description: string
  /** In place of it from major version 17 on, and in the api-versions of that time. */
  readonly latest?: string
  /** Where it is described; Azure's own parameters are nowhere. */
  readonly documentation?: (major: string) => string
  readonly unit?: string
  readonly isDynamicConfig: boolean
  readonly isReadOnly: boolean
  /** The first major version that has it. */
  readonly since?: number
}

/** In PostgreSQL's manual, where each chapter has a page, and each parameter a place. */
const manualOf =
  (chapter: string, name: string): NonNullable<Parameter['documentation']> =>
  major =>
    `https://www.postgresql.org/docs/${major}/runtime-config-${chapter}.html#GUC-${name.toUpperCase().replaceAll('_', '-')}`

const auditReadme = 'https://github.com/pgaudit/pgaudit/blob/master/README.md'

/** This one of Azure's own parameters has a page; those named `azure.…` have none. */
const logFiles = 'https://go.microsoft.com/fwlink/?linkid=2274270'

const documentationOf = (chapter: string, name: string): Pick<Parameter, 'documentation'> => {
  if (name.startsWith('azure.')) return {}
  if (name.startsWith('logfiles.')) return { documentation: () => logFiles }
  return { documentation: name.startsWith('pgaudit.') ? () => auditReadme : manualOf(chapter, name) }
}

type Options = Partial<Pick<Parameter, 'unit' | 'latest' | 'isDynamicConfig' | 'isReadOnly' | 'since'>>

const parameter = (
  dataType: Parameter['dataType'],
  [name, defaultValue, allowedValues]: readonly [string, string, string],
  chapter: string,
  description: string,
  options: Options = {}
): Parameter => ({
  name,
  defaultValue,
  dataType,
  allowedValues,
  description,
  ...documentationOf(chapter, name),
  isDynamicConfig: true,
  isReadOnly: false,
  ...options
})

const restart: Options = { isDynamicConfig: false }
const fixed: Options = { isDynamicConfig: false, isReadOnly: true }
const milliseconds: Options = { unit: 'milliseconds' }

const connections = [
  parameter('Integer', ['max_connections', '859', '25-5000'], 'connection', 'Sets the maximum number of concurrent connections.', restart),
  parameter('Integer', ['superuser_reserved_connections', '10', '10-10'], 'connection', 'Connections reserved for superusers.', fixed),
  parameter('String', ['listen_addresses', '*', '.*'], 'connection', 'Sets the host name or IP addresses to listen to.', fixed),
  parameter('Integer', ['port', '5432', '5432-5432'], 'connection', 'Sets the TCP port the server listens on.', fixed),
  parameter('Integer', ['tcp_keepalives_idle', '120', '0-2147483647'], 'connection', 'Time between issuing TCP keepalives.', {
    unit: 'seconds'
  }),
  parameter('Boolean', ['ssl', 'on', 'on,off'], 'connection', 'Enables SSL connections.', fixed),
  parameter(
    'Boolean',
    ['require_secure_transport', 'on', 'on,off'],
    'connection',
    'Whether client connections are required to use secure transport.'
  ),
  parameter(
    'Enumeration',
    ['ssl_min_protocol_version', 'TLSv1.2', 'TLSv1.2,TLSv1.3'],
    'connection',
    'Sets the minimum SSL/TLS protocol version to use.'
  ),
  parameter(
    'Enumeration',
    ['password_encryption', 'scram-sha-256', 'md5,scram-sha-256'],
    'connection',
    'Chooses the algorithm for encrypting passwords.'
  )
]

const resources = [
  parameter(
    'Integer',
    ['shared_buffers', '262144', '16-1073741823'],
    'resource',
    'Sets the number of shared memory buffers used by the server.',
    { ...restart, unit: '8KB' }
  ),
  parameter('Integer', ['work_mem', '4096', '4096-2097151'], 'resource', 'Sets the memory to be used for query workspaces.', {
    unit: 'KB'
  }),
  parameter(
    'Integer',
    ['maintenance_work_mem', '157696', '1024-2097151'],
    'resource',
    'Sets the memory to be used for maintenance operations.',
    { unit: 'KB' }
  ),
  parameter('Integer', ['temp_buffers', '1024', '100-1073741823'], 'resource', 'Sets the temporary buffers used by each session.', {
    unit: '8KB'
  }),
  parameter(
    'Integer',
    ['max_worker_processes', '8', '0-262143'],
    'resource',
    'Sets the maximum number of concurrent worker processes.',
    restart
  ),
  parameter(
    'Integer',
    ['max_parallel_workers', '8', '0-1024'],
    'resource',
    'Sets the maximum number of parallel workers active at one time.'
  ),
  parameter(
    'Integer',
    ['effective_cache_size', '786432', '1-2147483647'],
    'query',
    "Sets the planner's assumption about the size of the data cache.",
    { unit: '8KB' }
  ),
  parameter(
    'Numeric',
    ['random_page_cost', '2', '0-1.79769e+308'],
    'query',
    "Sets the planner's cost of a nonsequentially fetched disk page."
  ),
  parameter('Boolean', ['jit', 'off', 'on,off'], 'query', 'Allows just-in-time compilation.')
]

const writeAhead = [
  parameter(
    'Enumeration',
    ['wal_level', 'replica', 'replica,logical'],
    'wal',
    'Sets the level of information written to the WAL.',
    restart
  ),
  parameter('Integer', ['max_wal_size', '2048', '32-65536'], 'wal', 'Sets the WAL size that triggers a checkpoint.', { unit: 'MB' }),
  parameter('Integer', ['max_wal_senders', '10', '5-100'], 'replication', 'Sets the maximum number of simultaneous WAL senders.', restart),
  parameter(
    'Integer',
    ['max_replication_slots', '10', '2-262143'],
    'replication',
    'Sets the maximum number of replication slots.',
    restart
  ),
  parameter(
    'Numeric',
    ['checkpoint_completion_target', '0.9', '0-1'],
    'wal',
    'Spreads the writes of a checkpoint over this part of the interval.'
  ),
  parameter('Boolean', ['fsync', 'on', 'on,off'], 'wal', 'Forces synchronization of updates to disk.', fixed),
  parameter('Boolean', ['full_page_writes', 'on', 'on,off'], 'wal', 'Writes full pages to WAL after a checkpoint.', fixed),
  parameter(
    'Enumeration',
    ['synchronous_commit', 'on', 'local,remote_write,remote_apply,on,off'],
    'wal',
    "Sets the current transaction's synchronization level."
  )
]

const logging = [
  parameter('Boolean', ['log_checkpoints', 'on', 'on,off'], 'logging', 'Logs each checkpoint.'),
  parameter('Boolean', ['log_connections', 'on', 'on,off'], 'logging', 'Logs each successful connection.', fixed),
  parameter('Boolean', ['log_disconnections', 'on', 'on,off'], 'logging', 'Logs the end of a session, with its duration.', fixed),
  parameter(
    'Integer',
    ['log_min_duration_statement', '-1', '-1-2147483647'],
    'logging',
    'Sets the execution time above which statements are logged.',
    milliseconds
  ),
  parameter(
    'Enumeration',
    ['log_min_messages', 'warning', 'debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic'],
    'logging',
    'Controls which message levels are written to the server log.'
  ),
  parameter('Enumeration', ['log_statement', 'none', 'none,ddl,mod,all'], 'logging', 'Sets the type of statements logged.'),
  parameter(
    'Set',
    ['pgaudit.log', 'none', 'none,read,write,function,role,ddl,misc,all'],
    'logging',
    'Specifies which classes of statements will be logged by session audit logging.',
    {
      latest:
        'Specifies which classes of statements will be logged by session audit logging. Multiple classes can be provided using a comma-separated list and classes can be subtracted by prefacing the class with a - sign.'
    }
  )
]

/** The extensions that a server of version 16 takes, by a list that was recorded [CORPUS]. */
const extensions = [
  'address_standardizer address_standardizer_data_us age amcheck anon azure_ai azure_storage bloom btree_gin btree_gist',
  'citext cube dblink dict_int dict_xsyn earthdistance fuzzystrmatch hstore hypopg intagg intarray isn lo login_hook',
  'ltree oracle_fdw orafce pageinspect pg_buffercache pg_cron pg_diskann pg_freespacemap pg_hint_plan pg_partman',
  'pg_prewarm pg_repack pg_squeeze pg_stat_statements pg_trgm pg_visibility pgaudit pgcrypto pglogical pgrowlocks',
  'pgstattuple plpgsql plv8 postgis postgis_raster postgis_sfcgal postgis_tiger_geocoder postgis_topology postgres_fdw',
  'postgres_protobuf semver session_variable sslinfo tablefunc tds_fdw timescaledb tsm_system_rows tsm_system_time',
  'unaccent uuid-ossp vector'
].flatMap(line => line.split(' '))

const sessions = [
  parameter(
    'Integer',
    ['lock_timeout', '0', '0-2147483647'],
    'client',
    'Sets the maximum allowed duration (in milliseconds) of any wait for a lock. 0 turns this off.',
    milliseconds
  ),
  parameter(
    'Integer',
    ['statement_timeout', '0', '0-2147483647'],
    'client',
    'Sets the maximum allowed duration of any statement. 0 turns this off.',
    milliseconds
  ),
  parameter(
    'Integer',
    ['idle_in_transaction_session_timeout', '0', '0-2147483647'],
    'client',
    'Sets the maximum allowed idle time between queries, when in a transaction.',
    milliseconds
  ),
  parameter(
    'Integer',
    ['idle_session_timeout', '0', '0-2147483647'],
    'client',
    'Sets the maximum allowed idle time between queries, when not in a transaction.',
    { ...milliseconds, since: 14 }
  ),
  parameter(
    'Integer',
    ['deadlock_timeout', '1000', '1-2147483647'],
    'locks',
    'Sets the time to wait on a lock before checking for deadlock.',
    milliseconds
  ),
  parameter(
    'Enumeration',
    ['default_transaction_isolation', 'read committed', 'serializable,repeatable read,read committed,read uncommitted'],
    'client',
    'Sets the transaction isolation level of each new transaction.'
  ),
  parameter('String', ['timezone', 'UTC', '[A-Za-z0-9/+_-]+'], 'client', 'Sets the time zone for displaying and interpreting time stamps.'),
  parameter(
    'String',
    ['search_path', '"$user", public', '[A-Za-z0-9.""$,_ -]+'],
    'client',
    'Sets the schema search order for names that are not schema-qualified.'
  ),
  parameter(
    'Set',
    [
      'shared_preload_libraries',
      'pg_cron,pg_stat_statements',
      'auto_explain,azure_storage,pg_cron,pg_hint_plan,pg_partman_bgw,pg_prewarm,pg_squeeze,pg_stat_statements,pgaudit,pglogical,timescaledb,wal2json'
    ],
    'client',
    'Sets which shared libraries are preloaded at server start.',
    restart
  ),
  parameter('Set', ['azure.extensions', '', extensions.join()], 'client', 'List of extensions that can be created.'),
  parameter('Boolean', ['autovacuum', 'on', 'on,off'], 'autovacuum', 'Starts the autovacuum subprocess.'),
  parameter(
    'Integer',
    ['autovacuum_max_workers', '3', '1-262143'],
    'autovacuum',
    'Sets the maximum number of simultaneously running autovacuum worker processes.',
    restart
  ),
  parameter('Integer', ['autovacuum_naptime', '60', '1-2147483'], 'autovacuum', 'Time to sleep between autovacuum runs.', {
    unit: 'seconds'
  }),
  parameter('Boolean', ['pgbouncer.enabled', 'false', 'true,false'], 'connection', 'Denotes if pgBouncer service is enabled.'),
  parameter('Boolean', ['logfiles.download_enable', 'off', 'on,off'], 'azure', 'Enables or disables server logs functionality.'),
  // The misspelling is Azure's.
  parameter(
    'Boolean',
    ['azure.fabric_mirror_enabled', 'off', 'on,off'],
    'azure',
    'Sepcifies the flag indicating if mirroring is enabled on server.'
  ),
  parameter('String', ['azure.mirror_databases', '', '.*'], 'azure', 'Sepcifies the list of databases for which to enable mirroring.')
]

/** A choice of the several hundred that a server has, with the values of a server of two cores and 8 GB. */
const parameters: readonly Parameter[] = [...connections, ...resources, ...writeAhead, ...logging, ...sessions]

export const parametersOf = (major: string): readonly Parameter[] => parameters.filter(({ since = 0 }) => Number(major) >= since)

export const parameterOf = (name: string, major: string): Parameter | undefined =>
  parametersOf(major).find(one => one.name.toLowerCase() === name.toLowerCase())

/** Whether a value is one that the parameter can have. */
export function takes({ dataType, allowedValues }: Parameter, value: string): boolean {
  const words = allowedValues.split(',').map(word => word.toLowerCase())
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
