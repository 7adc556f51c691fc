import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator
} from '@peculiar/x509'

export interface ServerCertificate {
  readonly key: string
  /** The server's certificate and the authority's after it. */
  readonly chain: string
  /** The certificate that a client has to trust. */
  readonly authority: string
}

/** Issues certificates as long as it is held: its key is in no file. */
export interface Authority {
  /** PEM: the certificate that a client has to trust. */
  readonly certificate: string
  issue(names: { readonly subject: string; readonly dns: readonly string[]; readonly ip?: readonly string[] }): Promise<ServerCertificate>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

const daysMs = 24 * 60 * 60_000

/** Two authorities of one name never give one number twice, which clients that cache by it would take for a forgery. */
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`

const keys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

/**
 * An authority of its own, P-256, made anew each time. Its certificate and those it issues carry key identifiers, and their basic
 * constraints and key usage are critical: Python verifies strictly from 3.13 on [RFC 5280 §4.2.1; docs.python.org
 * ssl.create_default_context].
 */
export async function makeAuthority(now: number = Date.now()): Promise<Authority> {
  // A day early, for clients whose clock is behind.
  const validity = { notBefore: new Date(now - daysMs), notAfter: new Date(now + 365 * daysMs), signingAlgorithm: algorithm }
  const own = await keys()
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=pglink sandbox authority',
    serialNumber: serialNumber(),
    keys: own,
    extensions: [
      await SubjectKeyIdentifierExtension.create(own.publicKey),
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)
    ]
  })
  const certificate = `${authority.toString('pem')}\n`
  return {
    certificate,
    async issue({ subject, dns, ip = [] }) {
      const { publicKey, privateKey } = await keys()
      const server = await X509CertificateGenerator.create({
        ...validity,
        subject: `CN=${subject}`,
        issuer: authority.subject,
        serialNumber: serialNumber(),
        publicKey,
        signingKey: own.privateKey,
        extensions: [
          await SubjectKeyIdentifierExtension.create(publicKey),
          await AuthorityKeyIdentifierExtension.create(own.publicKey),
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          new SubjectAlternativeNameExtension([
            ...dns.map(value => ({ type: 'dns' as const, value })),
            ...ip.map(value => ({ type: 'ip' as const, value }))
          ])
        ]
      })
      const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')
      return { key: `${key}\n`, chain: `${server.toString('pem')}\n${certificate}`, authority: certificate }
    }
  }
}

/** A certificate for loopback, of this authority, or of a new one whose key is not kept. */
export const makeCertificate = async (now: number = Date.now(), authority?: Authority): Promise<ServerCertificate> =>
  (authority ?? (await makeAuthority(now))).issue({ subject: 'localhost', dns: ['localhost'], ip: ['127.0.0.1', '::1'] })
