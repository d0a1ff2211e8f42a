import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from '../child.ts'
import { root } from '../paths.ts'
import { findTool } from '../tools/find.ts'
import type { EdgePlace } from './stand-in.ts'

const templateFile = resolve(root, 'helm/files/nginx.conf.template')

export interface NginxPlace extends EdgePlace {
  /** A folder of its own, for its pid file. */
  RUN_DIR: string
}

/**
 * Fills `${NAME}` in; nginx's own `$name` stays as it is.
 * @throws when the template asks for something that `values` has not
 */
export function renderTemplate(template: string, values: Record<string, string>): string {
  return template.replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`The template asks for ${name}, which is not given`)
    return value
  })
}

export const nginxIsHere = () => findTool('nginx') !== undefined

/** Writes the configuration, the same text that the chart mounts, and says how to run it in the foreground. */
export function nginxCommand(place: NginxPlace): Command {
  mkdirSync(place.RUN_DIR, { recursive: true })
  const configFile = join(place.RUN_DIR, 'nginx.conf')
  // Relative to the folder that nginx is told by -p: a path may hold blanks, and what else the configuration would read.
  const values = { ...place, KITCHEN_USERS: 'users', RUN_DIR: '.' }
  copyFileSync(place.KITCHEN_USERS, join(place.RUN_DIR, values.KITCHEN_USERS))
  writeFileSync(configFile, renderTemplate(readFileSync(templateFile, 'utf8'), values))
  // Started by root, its workers would be somebody who may not read the passwords.
  const user = process.getuid?.() === 0 ? 'user root; ' : ''
  const args = ['-p', place.RUN_DIR, '-e', 'stderr', '-c', configFile, '-g', `${user}daemon off;`]
  return { command: findTool('nginx') ?? 'nginx', args, cwd: place.RUN_DIR }
}
