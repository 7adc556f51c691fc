import type { Secret } from '../../model/secret.ts'
import type { RuleText } from './rule.ts'
import { each, ourServersOf, serversOf } from './walk.ts'

const forbiddenLogins = new Set(['azure_superuser', 'azure_pg_admin', 'admin', 'administrator', 'root', 'guest', 'public'])

/** PostgreSQL cuts longer identifiers off: NAMEDATALEN - 1. */
const identifierBytes = 63

const forbiddenLogin = each(serversOf, function* ({ path, entry }) {
  const login = entry.administrator?.login
  const wrong = login === undefined ? undefined : wrongLogin(login)
  if (wrong) yield { path: [...path, 'administrator', 'login'], summary: wrong }
})

function wrongLogin(login: string): string | undefined {
  const lower = login.toLowerCase()
  if (login === '') return 'the login of the administrator is empty'
  if (new TextEncoder().encode(login).length > identifierBytes) return `the login has more than ${identifierBytes} bytes`
  if (forbiddenLogins.has(lower)) return `the administrator cannot be named ${login}`
  return lower.startsWith('pg_') ? `the login of the administrator cannot begin with pg_, as ${login} does` : undefined
}

const weakPassword = each(serversOf, function* ({ path, entry }) {
  const { login, password } = entry.administrator ?? {}
  const wrong = password?.isSet ? wrongPassword(password, login) : undefined
  if (wrong) yield { path: [...path, 'administrator', 'password'], summary: `the password in ${password?.variable} ${wrong}` }
})

/** The message must not help to guess the password: neither its length nor a part of it is named. */
function wrongPassword(secret: Secret, login: string | undefined): string | undefined {
  const password = secret.reveal()
  if (password.length < 8) return 'is shorter than 8 characters'
  if (password.length > 128) return 'is longer than 128 characters'
  const classes = [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/].filter(pattern => pattern.test(password))
  if (classes.length < 3) return 'has characters of fewer than three of the four sorts'
  const holdsLogin = login !== undefined && login !== '' && password.toLowerCase().includes(login.toLowerCase())
  return holdsLogin ? 'holds the login' : undefined
}

const noWayToSignIn = each(ourServersOf, function* ({ path, key, entry }, ctx) {
  const authentication = [...path, 'authentication']
  if (entry.authentication?.password !== false || ctx.declared([...authentication, 'entra'])) return
  yield {
    path: [...authentication, 'password'],
    summary: `no user can sign in to server ${key}: it takes neither passwords nor Entra tokens`
  }
})

const create = 'https://learn.microsoft.com/azure/postgresql/flexible-server/quickstart-create-server (Admin username, Password)'

export const credentialRules: readonly RuleText[] = [
  {
    id: 'PGL024',
    name: 'administrator-login',
    source: `${create}, https://www.postgresql.org/docs/current/sql-syntax-lexical.html (Identifiers and Key Words)`,
    summary:
      'The login of the administrator is none of azure_superuser, azure_pg_admin, admin, administrator, root, guest and public, and does not begin with pg_.',
    why: 'These names belong to PostgreSQL and to the service. The login cannot be changed once the server is made.',
    fix: 'choose another login',
    check: forbiddenLogin
  },
  {
    id: 'PGL025',
    name: 'administrator-password',
    source: create,
    summary:
      'The password of the administrator has 8 to 128 characters of three of the sorts upper case, lower case, digit and other, and does not hold the login.',
    why: 'Azure refuses to make the server with any other. A variable without a value is not looked at.',
    fix: 'set the variable to 8 to 128 characters of three of the sorts, without the login in them',
    check: weakPassword
  },
  {
    id: 'PGL026',
    name: 'sign-in-method',
    source:
      'https://github.com/Azure/azure-cli/blob/dev/src/azure-cli/azure/cli/command_modules/postgresql/utils/validators.py (_pg_authentication_validator)',
    summary: 'A server takes passwords, Entra tokens or both.',
    why: 'Azure refuses to turn the last way to sign in off.',
    fix: 'add entra: with administrators beside password: false',
    check: noWayToSignIn
  }
]
