import { resolve } from 'node:path'
import { root } from 'kafka-restaurants-dev-env/paths'
import { renderTemplates } from '../../services/email/src/template.ts'

export const mailTemplates = resolve(root, 'services/email/src/templates.ts')

/** The templates of the mails as a module; a line for each row of a table, so that changes are seen. */
export function mailTemplatesText(): string {
  const all = Object.entries(renderTemplates()).map(
    ([name, html]) => `  ${name}: \`${html.replace(/(?<=<\/(?:tr|head|style)>)/g, '\n').trim()}\`,\n`,
  )
  return `/** Made by \`npm run format\` from template.ts. */\nexport const templates = {\n${all.join('')}}\n`
}
