import { invalid, Refused } from './fakeAnswer.ts'

/** GitHub's own count; in UTF-16 units here, which is the strictest reading of «characters» [GH reg-viz/reg-actions#123]. */
const bodyMax = 65_536
const titleMax = 256
export const labelMax = 50
export const descriptionMax = 100

export function membersOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Refused(400, 'Body should be a JSON object')
  return { ...body }
}

export function textOf(body: unknown, member: string, required: boolean): string {
  const value = membersOf(body)[member]
  if (value === undefined || value === null) {
    if (required) throw new Refused(422, `Invalid request.\n\n"${member}" wasn't supplied.`)
    return ''
  }
  if (typeof value !== 'string')
    throw new Refused(422, `Invalid request.\n\nFor 'properties/${member}', ${JSON.stringify(value)} is not a string.`)
  return value
}

export function labelsOf(body: unknown): readonly string[] {
  const value = membersOf(body)['labels'] ?? []
  if (!Array.isArray(value)) throw new Refused(422, "Invalid request.\n\nFor 'properties/labels', it is not an array.")
  return value.map(String)
}

export function checkTitle(title: string): void {
  if (title.trim() === '') throw invalid('Issue', 'missing_field', 'title')
  if (title.length > titleMax) throw invalid('Issue', 'custom', 'title', `title is too long (maximum is ${titleMax} characters)`)
}

export function checkBody(resource: 'Issue' | 'IssueComment', body: string, required = true): void {
  if (required && body.trim() === '') throw invalid(resource, 'unprocessable', 'data', 'Body cannot be blank')
  if (body.length <= bodyMax) return
  // Issues and comments say it differently [GH trstringer/manual-approval#89, GH reg-viz/reg-actions#123].
  if (resource === 'Issue') throw invalid(resource, 'custom', 'body', `body is too long (maximum is ${bodyMax} characters)`)
  throw invalid(resource, 'unprocessable', 'data', `Body is too long (maximum is ${bodyMax} characters)`)
}
