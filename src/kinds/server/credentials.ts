import { given } from '../../model/given.ts'
import { passwordVersionTag } from '../../model/owner.ts'
import type { Secret } from '../../model/secret.ts'
import { depending, rises, sameText, secret, update, versionOfSecret } from '../rule.ts'
import { only } from '../setting.ts'
import { follows, type Replication } from './replication.ts'
import { block, filled, isOn, onOff, type ServerAspect } from './serverAspect.ts'

interface Credentials {
  readonly login: string | undefined
  readonly password?: Secret | undefined
  readonly passwordVersion: number | undefined
  readonly passwordAuth: boolean | undefined
  readonly entraAuth: boolean | undefined
  readonly tenantId: string | undefined
}

/** The administrator with a password, and how clients sign in. */
export const credentials: ServerAspect<Credentials, Replication> = {
  desired: ({ administrator, authentication }) => ({
    login: administrator?.login,
    password: administrator?.password,
    passwordVersion: administrator?.passwordVersion,
    passwordAuth: authentication?.password,
    entraAuth: authentication?.entra === undefined ? undefined : true,
    tenantId: authentication?.entra?.tenantId
  }),
  fields: {
    // Absent while password authentication is off: only then can it still be given [TF-PG].
    login: depending(live => (live === undefined ? 'update' : 'fixed'), {
      at: 'administrator/login',
      instead: 'The login of the administrator cannot be changed for the rest of the life of a server.'
    }),
    // A login is given together with its password.
    password: secret(
      (have, want) => rises(have.passwordVersion, want.passwordVersion) || (have.login === undefined && want.login !== undefined)
    ),
    passwordVersion: versionOfSecret({ at: 'administrator/passwordVersion' }),
    passwordAuth: update({ at: 'authentication/password', usual: true }),
    entraAuth: update({ at: only(['authentication', 'entra'], 'sign-in through Entra stands in the file as a whole: write it by hand') }),
    tenantId: update({ at: 'authentication/entra/tenantId', equal: sameText })
  },
  toArm: props => ({ ...loginOf(props), ...passwordOf(props), ...waysOf(props) }),
  toPatch(props, fields) {
    if (fields.has('password') && !props.password?.isSet)
      throw new Error(`The password of ${props.login ?? 'the administrator'} has to be sent, and its variable is not set.`)
    const changes = (...names: readonly (keyof Credentials)[]): boolean => names.some(name => fields.has(name))
    return {
      ...(changes('login') && loginOf(props)),
      ...passwordOf({
        password: changes('password') ? props.password : undefined,
        passwordVersion: changes('passwordVersion') ? props.passwordVersion : undefined
      }),
      ...(changes('passwordAuth', 'entraAuth', 'tenantId') && waysOf(props))
    }
  },
  fromArm: ({ administratorLogin, authConfig, tags }) => ({
    login: filled(administratorLogin),
    passwordVersion: versionIn(tags),
    passwordAuth: isOn(authConfig?.passwordAuth),
    entraAuth: isOn(authConfig?.activeDirectoryAuth),
    tenantId: filled(authConfig?.tenantId)
  }),
  instead: ['login', 'password', 'passwordVersion', 'entraAuth', 'tenantId'],
  // Its secrets become variables, and its password keeps its version.
  says({ login, passwordAuth, entraAuth, tenantId, role }, _, { secret: variable, tenant }) {
    const elsewhere = tenantId !== undefined && tenant !== undefined && !sameText(tenantId, tenant)
    return {
      ...(passwordAuth !== false && login !== undefined && !follows({ role }) && { administrator: { login, password: variable() } }),
      ...(entraAuth && { authentication: { entra: elsewhere ? { tenantId } : {} } })
    }
  },
  cannot: ({ login, passwordAuth, role }) =>
    passwordAuth !== false && login === undefined && !follows({ role })
      ? 'it takes passwords, and Azure does not say the login of its administrator'
      : undefined
}

const loginOf = ({ login }: Pick<Credentials, 'login'>) => given<{ administratorLogin?: string }>({ administratorLogin: login })

/** The version goes into the tag in the same write as the password, so that one is never there without the other. */
const passwordOf = ({ password, passwordVersion: version }: Pick<Credentials, 'password' | 'passwordVersion'>) =>
  given<{ administratorLoginPassword?: string; tags?: Record<string, string> }>({
    administratorLoginPassword: password?.isSet ? password.reveal() : undefined,
    tags: version === undefined ? undefined : { [passwordVersionTag]: String(version) }
  })

const waysOf = ({ passwordAuth, entraAuth, tenantId }: Pick<Credentials, 'passwordAuth' | 'entraAuth' | 'tenantId'>) =>
  block('authConfig', given({ passwordAuth: onOff(passwordAuth), activeDirectoryAuth: onOff(entraAuth), tenantId }))

function versionIn(tags: Readonly<Record<string, string>> | undefined): number | undefined {
  const version = Number(tags?.[passwordVersionTag] ?? Number.NaN)
  return Number.isInteger(version) ? version : undefined
}
