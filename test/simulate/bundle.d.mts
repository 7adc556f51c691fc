/** The exports of a file of this folder, by its name there: `bundled<typeof import('./kill.ts')>('kill.ts')`. */
export function bundled<T>(file: string): Promise<T>
