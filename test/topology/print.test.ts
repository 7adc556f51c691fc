import { expect, test } from 'vitest'
import { explain, validateJson } from '../../src/report/diagnostics.ts'
import { rulesById } from '../../src/topology/rules/index.ts'
import { load } from './load.ts'

test('validate --json has the shape of terraform validate -json', async () => {
  const { diagnostics } = await load({ 'topology.yaml': 'version: 1\nname: ü\ntags: { "ü": x, "ä": 5 }\n' })
  expect(validateJson(diagnostics)).toMatchInlineSnapshot(`
    {
      "diagnostics": [
        {
          "address": "name",
          "detail": "",
          "fix": "write it in the form shown",
          "range": {
            "end": {
              "byte": 19,
              "column": 8,
              "line": 2,
            },
            "filename": "topology.yaml",
            "start": {
              "byte": 17,
              "column": 7,
              "line": 2,
            },
          },
          "rule": "PGL924",
          "severity": "error",
          "snippet": {
            "code": "name: ü",
            "context": null,
            "highlight_end_offset": 8,
            "highlight_start_offset": 6,
            "start_line": 2,
            "values": [],
          },
          "summary": "the name of the topology is 1 to 63 letters, digits, dots, underscores and hyphens, beginning with a letter or digit; it cannot hold a variable",
        },
        {
          "address": "tags/ä",
          "detail": "",
          "fix": "write "5" in quotes",
          "range": {
            "end": {
              "byte": 44,
              "column": 23,
              "line": 3,
            },
            "filename": "topology.yaml",
            "start": {
              "byte": 43,
              "column": 22,
              "line": 3,
            },
          },
          "rule": "PGL922",
          "severity": "error",
          "snippet": {
            "code": "tags: { "ü": x, "ä": 5 }",
            "context": null,
            "highlight_end_offset": 24,
            "highlight_start_offset": 23,
            "start_line": 3,
            "values": [],
          },
          "summary": "ä takes a text, not 5",
        },
      ],
      "error_count": 2,
      "format_version": "1.0",
      "valid": false,
      "warning_count": 0,
    }
  `)
})

test('a rule has a page', () => {
  const rule = rulesById.get('PGL001')
  expect(rule && explain(rule, {})).toMatchInlineSnapshot(`
    "PGL001 misspelt-privatelink-zone (error)

    The private link zone of PostgreSQL is not spelt privatelink.postgresql.database.azure.com.

    Why:    A Microsoft how-to spells it so, but no service uses that name. Azure accepts the zone, writes no record into it, and the server goes on resolving to its public address.
    Fix:    name the zone privatelink.postgres.database.azure.com
    Source: https://github.com/MicrosoftDocs/azure-docs/issues/118641
    "
  `)
})
