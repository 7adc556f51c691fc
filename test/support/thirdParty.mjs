// Tells which packages are in the bundle: as a bill of materials (CycloneDX), and as notices with their licences.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cyclonedxEsbuildPlugin } from '@cyclonedx/cyclonedx-esbuild'

/** The plugin writes the bill when esbuild ends; `files` then gives it, and the notices drawn from it. */
export function thirdParty() {
  const scratch = mkdtempSync(join(tmpdir(), 'pglink-sbom-'))
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }))
  const outputFile = join(scratch, 'sbom.cdx.json')
  return {
    plugin: cyclonedxEsbuildPlugin({ outputFile, gatherLicenseTexts: true, outputReproducible: true, logLevel: 'silent' }),
    files: () => {
      const sbom = JSON.parse(readFileSync(outputFile))
      for (const component of sbom.components) withLicence(component)
      return [
        { name: 'sbom.cdx.json', contents: Buffer.from(`${JSON.stringify(sbom, null, 2)}\n`) },
        { name: 'THIRD-PARTY-NOTICES', contents: Buffer.from(noticesOf(sbom)) }
      ]
    }
  }
}

const rule = '-'.repeat(80)

/** A package of which the bundler left nothing is `excluded` in the bill; one that is in the bundle twice is named once. */
function noticesOf({ components }) {
  const notices = components.filter(({ scope }) => scope !== 'excluded').map(notice)
  return ['pglink contains the packages below. Each is named with its version and its licence, whose text follows.', ...new Set(notices)]
    .join(`\n\n${rule}\n`)
    .concat('\n')
}

function notice({ group, name, version, licenses = [], evidence }) {
  const declared = licenses.map(({ license, expression }) => expression ?? license.id ?? license.name).join(', ')
  const texts = (evidence?.licenses ?? []).map(({ license: { text } }) =>
    Buffer.from(text.content, text.encoding ?? 'utf8')
      .toString()
      .trim()
  )
  const full = [group, name].filter(Boolean).join('/')
  // To ship code without its licence is to break it: whoever adds the package has to find the text.
  if (declared === '' || texts.length === 0)
    throw new Error(`${full} ${version} is in the bundle, and its package has no text of a licence`)
  return [`${full} ${version} (${declared})`, ...texts].join('\n\n')
}

/** Some packages have the text of their licence in their README alone, as its last section. */
function withLicence(component) {
  const { group, name, licenses = [], evidence } = component
  if (evidence?.licenses?.length > 0 || licenses.length === 0) return
  const folder = fileURLToPath(new URL(`../../node_modules/${[group, name].filter(Boolean).join('/')}/`, import.meta.url))
  const readme = readdirSync(folder).find(file => /^readme(\.md)?$/i.test(file))
  const [, text] = /^#+ licen[cs]e\n([\s\S]+)$/im.exec(readme === undefined ? '' : readFileSync(join(folder, readme), 'utf8')) ?? []
  if (!text?.includes('AS IS')) return
  const license = { name: `file: ${readme}`, text: { content: text.trim(), contentType: 'text/plain' } }
  component.evidence = { ...evidence, licenses: [{ license }] }
}
