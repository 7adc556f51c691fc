/** The version of the plan document's shape, and of the frame around several: a reader refuses a first number that it does not know. */
export const planFormatVersion = '2.0'
