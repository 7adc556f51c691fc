/**
 * C0 and C1 controls move the cursor, ring the bell or begin an escape sequence; the directional and invisible
 * formatting characters make a line read otherwise than it is. Names, tags, notes and Azure's own texts may hold any.
 */
const unprintable =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Cs}/gu

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The one gate between somebody else's text and a terminal or a log: what cannot be seen is written as an escape, on one line. */
export const printable = (text: string): string =>
  text.replace(unprintable, character => {
    const code = character.codePointAt(0) ?? 0
    return short[character] ?? (code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`)
  })
