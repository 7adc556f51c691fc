import { Buffer } from 'node:buffer'

/** The secret as a JSON text in which everything that is not a letter or digit is an escape, as .NET's serializers write it. */
const dotnet = (secret: string, upper: boolean): string => units(secret, unit => (/^[A-Za-z0-9]$/.test(unit) ? unit : hex(unit, upper)))

const hex = (unit: string, upper: boolean): string => {
  const digits = unit.charCodeAt(0).toString(16).padStart(4, '0')
  return `\\u${upper ? digits.toUpperCase() : digits}`
}

const units = (text: string, each: (unit: string) => string): string =>
  Array.from({ length: text.length }, (_, index) => each(text.charAt(index))).join('')

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

/** All of it but the characters that what stands before and behind it has a part in. */
function base64At(secret: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before, 'x'), Buffer.from(secret)])
  const text = bytes.toString('base64').replace(/=+$/, '')
  return text.slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6))
}

const toUrl = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_')

/** Every form in which a secret is looked for, by a name for the failure. */
export function formsOf(secret: string): ReadonlyMap<string, string> {
  const base64 = [0, 1, 2].map(before => [`base64 at ${before}`, base64At(secret, before)] as const)
  return new Map([
    ['as it is', secret],
    ['JSON', inJson(secret)],
    ['JSON in JSON', inJson(inJson(secret))],
    ['JSON, ASCII', units(inJson(secret), unit => (unit > '~' ? hex(unit, false) : unit))],
    ['JSON, escapes', dotnet(secret, false)],
    ['JSON, ESCAPES', dotnet(secret, true)],
    ['JSON, all escaped', units(secret, unit => hex(unit, false))],
    ['URL', encodeURIComponent(secret)],
    ['URL, whole', encodeURI(secret)],
    ['URL in URL', encodeURIComponent(encodeURIComponent(secret))],
    ['form', new URLSearchParams([['', secret]]).toString().slice(1)],
    ...base64,
    ...base64.map(([name, text]) => [`${name}, for URLs`, toUrl(text)] as const)
  ])
}

/** The forms in which an error of Azure's says a request's body: what a body with the secret in it looks like in the message. */
export const echoesOf = (body: string): readonly string[] => [
  body,
  JSON.stringify(body),
  JSON.stringify(JSON.stringify(body)),
  dotnet(body, true),
  encodeURIComponent(body),
  new URLSearchParams([['body', body]]).toString(),
  ...['', 'x', 'xy'].map(before => Buffer.from(before + body).toString('base64')),
  ...['', 'x', 'xy'].map(before => Buffer.from(before + body).toString('base64url'))
]
