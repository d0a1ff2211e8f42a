// Next leaves static files out of its standalone output; the server looks for them beside itself.
import { cpSync, existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const web = fileURLToPath(new URL('..', import.meta.url))
const standalone = `${web}.next/standalone/apps/web/`

cpSync(`${web}.next/static`, `${standalone}.next/static`, { recursive: true })
if (existsSync(`${web}public`)) cpSync(`${web}public`, `${standalone}public`, { recursive: true })
