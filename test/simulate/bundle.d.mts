/** What a file of this folder exports, by its name there: `bundled<typeof import('./kill.ts')>('kill.ts')`. */
export function bundled<T>(file: string): Promise<T>
