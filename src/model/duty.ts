/** The duties among which the steps of a plan are divided: each may be another person, with a login of its own, who carries out a part. */
export const duties = ['network', 'dba', 'data', 'locks'] as const

export type Duty = (typeof duties)[number]
