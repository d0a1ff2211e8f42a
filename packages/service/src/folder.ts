import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder, and those that it lies in, where they are missing. Unlike `mkdirSync` with `recursive` it comes back
 * where nothing can be made, such as in /proc.
 * @throws the system's error
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    if (!existsSync(folder)) throw error // or else somebody was faster
  }
}
