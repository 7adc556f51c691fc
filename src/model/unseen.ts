/**
 * C0 and C1 controls move the cursor, ring the bell or begin an escape sequence; the directional and invisible
 * formatting characters make a line read otherwise than it is. Names, tags, notes and Azure's own texts may hold any.
 */
export const unseen =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]|\p{Cs}/gu

/** A build agent carries out these where it finds them in its log: `::` at the beginning of a line, `##[` and `##vso[` anywhere. */
export const isArmed = (text: string): boolean => /^\s*::/u.test(text) || /##(?:\[|vso\[)/iu.test(text)
