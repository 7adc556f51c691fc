/** Of the plan document's shape, and of the frame around several: a reader refuses what it does not know the first number of. */
export const planFormatVersion = '2.0'

/** Of the drift document's shape, and of the frame around several. */
export const driftFormatVersion = '2.0'
