// Generated from schema/topology.schema.json by `npm run schema`. Change the schema, not this file.
export const secretPatterns: readonly (readonly string[])[] = [["servers","*","administrator","password"],["dataFactories","*","linkedServices","*","password"]]
