import { resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../../..')

/** What was fetched or built once and can be had again; `npm run clean -- --all` removes it. */
export const cacheDir = resolve(root, '.cache')

/** Programs that were fetched or built once; `npm run clean -- --all` removes them, too. */
export const toolsDir = resolve(root, '.tools')
