import fc from 'fast-check'
import { nameOf, resourceId, scopePathOf } from '../../src/model/id.ts'
import type { Lock } from '../../src/model/resource.ts'

/** Every character that a lock's name may hold, in several scripts: the REST reference names those that it may not [REST: locks]. */
export const everyCharacter = [
  ` !"#$'()*+,-.;=@[]^_\`{|}~0123456789`,
  'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  'abcdefghijklmnopqrstuvwxyz',
  'äÄßẞñÉøİıσςΣжЖ漢字かな한ع',
  '🔒👩‍👩‍👧é¡¿€…–—“”'
].join('')

export const anyName: fc.Arbitrary<string> = fc
  .oneof(
    fc.stringMatching(/^[A-Za-z0-9 ._()#-]{1,90}$/),
    fc.string({ unit: fc.constantFrom(...everyCharacter), minLength: 1, maxLength: 90 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 })
  )
  .filter(name => !/[<>%&:\\?/\p{Cc}\p{Cs}]/u.test(name) && !/^\.{1,2}$/.test(name))

/** Whatever people write: blanks, quotes, brackets, other scripts, halves of surrogate pairs; Azure may show null for none. */
const anyNotes = fc.option(fc.oneof(fc.string({ unit: 'binary', maxLength: 512 }), fc.constant(null)), { nil: undefined })
const anyOwners = fc.option(fc.oneof(fc.array(fc.uuid(), { maxLength: 3 }), fc.constant(null)), { nil: undefined })

const subscription = '/subscriptions/11111111-1111-4111-8111-111111111111'
const scopes = fc.oneof(
  fc.constant(subscription),
  anyName.map(name => `${subscription}/resourceGroups/${name}`),
  fc
    .tuple(anyName, anyName)
    .map(([group, name]) => `${subscription}/resourceGroups/${group}/providers/Microsoft.Network/virtualNetworks/${name}`)
)

export const anyLock: fc.Arbitrary<Lock> = fc
  .record({
    scope: scopes,
    name: anyName,
    level: fc.constantFrom('ReadOnly' as const, 'CanNotDelete' as const),
    notes: anyNotes,
    owners: anyOwners
  })
  .map(({ scope, name, level, notes, owners }): Lock => {
    const path = `${scope}/providers/Microsoft.Authorization/locks/${name}`
    const properties = {
      level,
      ...(notes !== undefined && { notes }),
      ...(owners !== undefined && { owners: owners === null ? null : owners.map(applicationId => ({ applicationId })) })
    }
    return { scope: resourceId(scopePathOf(path)), path, name: nameOf(path), level, properties }
  })

/**
 * A lock that somebody else has put on, which one by one takes more to be remembered: with a plain name, with every character that a name
 * may hold, and with a body that takes several markers beside that.
 */
export function foreignBody(index: number, level: Lock['level']): { readonly name: string; readonly properties: Lock['properties'] } {
  const name = index % 3 === 0 ? 'foreign' : everyCharacter
  const owners = [{ applicationId: '33333333-3333-4333-8333-333333333333' }]
  return { name, properties: { level, notes: index % 3 === 2 ? 'théirs '.repeat(60) : 'theirs', ...(index % 3 === 2 && { owners }) } }
}
