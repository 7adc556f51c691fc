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

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

const daysMs = 24 * 60 * 60_000

/** Two authorities of one name never give one number twice, which clients that cache by it would take for a forgery. */
const serialNumber = (): string => `01${randomBytes(15).toString('hex')}`

/**
 * An authority of its own and a certificate for loopback, both P-256, made anew each time: the authority's key is not kept.
 * Both carry key identifiers, and their basic constraints and key usage are critical: Python verifies strictly from 3.13 on
 * [RFC 5280 §4.2.1; docs.python.org ssl.create_default_context].
 */
export async function makeCertificate(now: number = Date.now()): Promise<ServerCertificate> {
  // A day early, for clients whose clock is behind.
  const validity = { notBefore: new Date(now - daysMs), notAfter: new Date(now + 365 * daysMs), signingAlgorithm: algorithm }
  const keys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const [authorityKeys, serverKeys] = await Promise.all([keys(), keys()])
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=pglink sandbox authority',
    serialNumber: serialNumber(),
    keys: authorityKeys,
    extensions: [
      await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)
    ]
  })
  const server = await X509CertificateGenerator.create({
    ...validity,
    subject: 'CN=localhost',
    issuer: authority.subject,
    serialNumber: serialNumber(),
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      await SubjectKeyIdentifierExtension.create(serverKeys.publicKey),
      await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' }
      ])
    ]
  })
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey), 'PRIVATE KEY')
  const authorityPem = authority.toString('pem')
  return { key: `${key}\n`, chain: `${server.toString('pem')}\n${authorityPem}\n`, authority: `${authorityPem}\n` }
}
