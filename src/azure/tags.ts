import type { Azure } from './azure.ts'
import { asking } from './error.ts'

const apiVersion = '2021-04-01'

type Tags = Readonly<Record<string, string>>

/** `Merge` sets these tags, `Delete` takes off those that have just this value: every other tag stays as it is [REST Tags - Update At Scope]. */
type TagsWrite = { readonly operation: 'Merge' | 'Delete'; readonly tags: Tags }

/**
 * Writes tags of a group or a resource and nothing else of it. Sent raw, since the SDK escapes the slashes of the scope.
 *
 * @param path of what carries the tags
 * @throws ArmError
 */
export const writeTags = (azure: Azure, path: string, { operation, tags }: TagsWrite): Promise<unknown> =>
  asking(`PATCH tags of ${path}`, () =>
    azure.send({
      method: 'PATCH',
      path: `${path}/providers/Microsoft.Resources/tags/default`,
      apiVersion,
      body: { operation, properties: { tags } }
    })
  )

/** The right that this takes, on what carries the tags: Tag Contributor has it, Network Contributor has it not. */
export const tagsRight = 'Microsoft.Resources/tags/write'
