/**
 * Whether a test that needs `name` of this machine can run; it is skipped where not.
 * @throws where PGLINK_REQUIRE asks for it: a machine that has to have it does not pass by skipping
 */
export function isThere(name: string, found: boolean, wayOut: string): boolean {
  if (!found && process.env['PGLINK_REQUIRE']?.split(',').includes(name))
    throw new Error(`PGLINK_REQUIRE asks for ${name}, and there is none. ${wayOut}`)
  return found
}
