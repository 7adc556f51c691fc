import type { Configuration } from '@azure/arm-postgresql-flexible'
import { nameOf } from '../model/id.ts'
import { defineKind } from './define.ts'
import type { Kind } from './kind.ts'
import { matching } from './names.ts'
import { depending, update } from './rule.ts'

interface Spec {
  readonly value: string
}

interface Props {
  readonly value: string
  /** The parameter's type, which only Azure says: it decides how values compare and how a change takes effect. */
  readonly sort?: Sort | undefined
}

interface Sort {
  readonly dataType: string
  readonly readOnly: boolean
  /** Takes effect without a restart. */
  readonly dynamic: boolean
}

const members = (set: string): string =>
  set
    .toLowerCase()
    .split(',')
    .map(member => member.trim())
    .sort()
    .join()

/**
 * A replica that has less of the memory that these share out cannot follow its source
 * [learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas, Server parameters].
 */
export const sharedParameters: readonly string[] = [
  'max_connections',
  'max_prepared_transactions',
  'max_locks_per_transaction',
  'max_wal_senders',
  'max_worker_processes'
]

/** `ON` is `on` and `007` is `7`, but the text of a format is taken to the letter. */
const sameValue = (live: string, desired: string, { sort }: Props): boolean => {
  switch (sort?.dataType.toLowerCase()) {
    case 'boolean':
    case 'enumeration':
      return live.toLowerCase() === desired.toLowerCase()
    case 'integer':
    case 'numeric':
      return desired.trim() !== '' && live !== '' ? Number(live) === Number(desired) : live === desired.trim()
    case 'set':
      return members(live) === members(desired)
    default:
      return live === desired
  }
}

/** As a person writes it: a number where it is one, to the last digit. */
const isPlainNumber = (value: string, sort: Sort | undefined): boolean =>
  /^(integer|numeric)$/i.test(sort?.dataType ?? '') && String(Number(value)) === value

const fromArm = ({ value = '', dataType, isReadOnly, isDynamicConfig }: Configuration): Props => ({
  value,
  sort: dataType === undefined ? undefined : { dataType, readOnly: isReadOnly === true, dynamic: isDynamicConfig !== false }
})

/** Overrides that Azure itself gives a new server [CORPUS]. */
const azures: Readonly<Record<string, string>> = { temp_tablespaces: 'temptblspace' }

/** A server parameter. It is always there: declaring it overrides the default, removing it gives the default back. */
export const configuration: Kind = defineKind({
  name: 'configuration',
  title: 'server parameter',
  duty: 'dba',
  seconds: { create: 11, update: 11, remove: 11 },
  oneWriteAtATime: false,
  drawn: 'on its parent',
  type: 'Microsoft.DBforPostgreSQL/flexibleServers/configurations',
  inFile: {
    at: 'servers/*/parameters/*',
    isNeverReferred: true,
    word: 'parameter',
    names: matching(/^[-\w.]{1,256}$/, '1 to 256 letters, digits, underscores, dots and hyphens'),
    settingsAbove: ['restart'],
    emptiest: () => '',
    spec: ({ entry }) => ({ value: String(entry) })
  },
  client: 'postgres',
  removedBy: 'write',
  fallsWithParent: true,
  declarationIsConsent: true,
  waitsForRestart: true,

  desired: ({ value }: Spec): Props => ({ value }),
  needs: ({ value }) => [{ need: 'parameter', value }],
  fields: {
    // A write to a read-only one is accepted and fails later with the message "{0}" [GH pulumi-azure-native#898].
    value: depending((_live, _desired, { sort }) => (sort?.readOnly ? 'fixed' : 'update'), {
      at: '',
      grows: (live, desired, id) => (sharedParameters.includes(nameOf(id)) ? Number(desired) - Number(live) : 0),
      equal: sameValue,
      instead: 'Azure sets this parameter itself: take it out of the file.',
      restarts: (_live, _desired, { sort }) => sort?.dynamic === false
    }),
    sort: update()
  },

  toArm: ({ value }): Configuration => ({ value, source: 'user-override' }),
  fromArm,
  facts: ({ value, defaultValue, dataType, allowedValues, isReadOnly, isDynamicConfig, isConfigPendingRestart }) => ({
    ...(dataType !== undefined && allowedValues !== undefined && isReadOnly !== true && { takes: { dataType, allowed: allowedValues } }),
    // A value that only Azure sets cannot be taken back.
    atDefault: value === defaultValue || isReadOnly === true,
    ...(isDynamicConfig === false && { needsRestart: true }),
    ...(isConfigPendingRestart === true && { pendingRestart: true })
  }),

  read: (postgres, at) => postgres.configurations.get(...at),
  list: (postgres, under) => postgres.configurations.listByServer(...under),
  // A new server has every parameter from the start, and of one that reads as declared nothing is to be written: some of
  // them only Azure may set.
  async put(postgres, at, body, call) {
    const there = fromArm(await postgres.configurations.get(...at))
    if (sameValue(there.value, body.value ?? '', there)) return
    if (there.sort?.readOnly)
      throw new Error(`Azure sets the server parameter ${at[2]} itself, to ${there.value}: take it out of the file.`)
    await postgres.configurations.beginPutAndWait(...at, body, call)
  },
  toPatch: ({ value }) => ({ value, source: 'user-override' }),
  patch: (postgres, at, body, call) => postgres.configurations.beginUpdateAndWait(...at, body, call),
  // There is no DELETE in effect [CORPUS]: the default is written back as the system's own.
  async remove(postgres, at, call) {
    const { defaultValue = '' } = await postgres.configurations.get(...at)
    return postgres.configurations.beginPutAndWait(...at, { value: defaultValue, source: 'system-default' }, call)
  },

  authored: {
    isAzures: (_, { name = '', source, value, defaultValue, isReadOnly }) =>
      isReadOnly === true || !/^user-override$/i.test(source ?? '') || value === defaultValue || azures[name] === value,
    entry: ({ value, sort }) => ({ says: isPlainNumber(value, sort) ? Number(value) : value }),
    instead: ['value']
  }
})
