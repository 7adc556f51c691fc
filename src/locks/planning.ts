/*
 * The door of this folder for the makers and readers of a plan: which lock a step needs lifted, and the steps that lift and restore it.
 * All behind it is pure. Carrying such a plan out has the other door (index.ts).
 */
export { inherits, needsOf } from './need.ts'
export { addWindows } from './window.ts'
