import { AggregateAuthenticationError, AuthenticationError, CredentialUnavailableError } from '@azure/identity'
import { expect, test } from 'vitest'
import { explained } from '../../src/engine/errorText.ts'
import { causesOf } from '../../src/engine/signInText.ts'

/** As EnvironmentCredential wraps what MSAL threw (seen with @azure/identity 4.13). */
const environment = (said: string): AuthenticationError =>
  new AuthenticationError(400, {
    error:
      'EnvironmentCredential authentication failed. To troubleshoot, visit https://aka.ms/azsdk/js/identity/environmentcredential/troubleshoot.',
    error_description: said
  })

const wrongSecret =
  'invalid_client: Error(s): 7000215 - Timestamp: 2026-11-01 - Description: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value. Trace ID: 0e1b Correlation ID: 9c Timestamp: 2026-11-01 10:00:00Z'

test.each([
  [
    'a wrong secret',
    environment(wrongSecret),
    'Entra refused the sign-in: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value.',
    /AZURE_CLIENT_SECRET/
  ],
  [
    'no network',
    environment('network_error: See https://aka.ms/msal.js.errors#network_error for details'),
    'Entra could not be reached to sign in: network_error: See https://aka.ms/msal.js.errors#network_error for details.',
    /network and HTTPS_PROXY.*NODE_EXTRA_CA_CERTS/
  ],
  [
    'a certificate nobody trusts',
    environment('request to https://login.microsoftonline.com failed, reason: self-signed certificate in certificate chain'),
    'The certificate of whoever answered is not trusted: self-signed certificate.',
    /NODE_EXTRA_CA_CERTS/
  ],
  [
    'a login of the Azure CLI that is over',
    new AggregateAuthenticationError([
      new CredentialUnavailableError('EnvironmentCredential is unavailable. No underlying credential could be used.'),
      new CredentialUnavailableError(
        'ERROR: AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks.\nTrace ID: 1'
      )
    ]),
    'Entra refused the sign-in: AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks.',
    /az login/
  ],
  [
    'nothing to sign in with, on a machine that has no managed identity',
    new AggregateAuthenticationError([
      new CredentialUnavailableError('EnvironmentCredential is unavailable.'),
      new CredentialUnavailableError('ManagedIdentityCredential: Network unreachable. Message: connect ENETUNREACH 169.254.169.254:80')
    ]),
    'You are not signed in to Azure.',
    /az login, or set AZURE_CLIENT_ID/
  ]
])('%s', (_name, error, message, next) => {
  expect(explained(error)?.message).toBe(message)
  expect(explained(error)?.next).toMatch(next)
})

test("a job is told Entra's words, too", () => {
  expect(causesOf(environment(wrongSecret))[0]).toMatch(/^AADSTS7000215: Invalid client secret/)
})

test('a request that meets a certificate nobody trusts names the way out', () => {
  const error = Object.assign(new Error('self-signed certificate in certificate chain'), { name: 'RestError' })
  expect(explained(error)?.next).toMatch(/NODE_EXTRA_CA_CERTS/)
})
