// What runs in one process, as one bundle: what each of them looks at is then run to its end once.
export { allFaults, faults } from './faults.ts'
export { cutAnywhere, kill } from './kill.ts'
export { lostDisk } from './lostDisk.ts'
export { exampleWholes } from './wholes.ts'
