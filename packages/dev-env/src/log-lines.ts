import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** A line of a log, of whichever part. Who writes no JSON (Kafka, NGINX, the site) has no time and no level. */
export interface LogLine {
  part: string
  text: string
  /** In ms since the epoch. */
  time?: number
  /** As pino counts: 30 is info, 40 warn. */
  level?: number
}

/** What is shown of the logs. */
export interface Wanted {
  /** All whose lines are JSON, unless some are named. */
  parts: string[]
  /** What must stand in a line: the id of an order, a trace or a record. */
  about?: string | undefined
  level: number
}

const suffix = '.log'
const Line = z.looseObject({ time: z.number(), level: z.number() })
const mostAtOnce = 64 * 1024 * 1024

/** The parts that have a log in a folder. */
export const partsWithLog = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter(name => name.endsWith(suffix))
        .map(name => name.slice(0, -suffix.length))
        .toSorted()
    : []

/**
 * Reads the logs of a folder, each time what was written since the last: of a log that is very long its end, at first.
 * @returns whole lines that are wanted, in the order of their times
 */
export function logReader(folder: string, wanted: Wanted): () => LogLine[] {
  const read = new Map<string, number>()
  return () => {
    const parts = wanted.parts.length > 0 ? wanted.parts : partsWithLog(folder)
    const lines = parts.flatMap(part => {
      const [texts, end] = linesFrom(join(folder, `${part}${suffix}`), read.get(part) ?? 0)
      read.set(part, end)
      return texts.map(text => lineOf(part, text)).filter(line => isWanted(line, wanted))
    })
    // Stable: what has no time stays behind what was written before it.
    return inTime(lines)
  }
}

function linesFrom(file: string, from: number): [lines: string[], end: number] {
  if (!existsSync(file)) return [[], 0]
  const fd = openSync(file, 'r')
  try {
    const { size } = fstatSync(fd)
    // Begun anew: the platform was started again.
    const begin = Math.max(size < from ? 0 : from, size - mostAtOnce)
    const bytes = Buffer.alloc(size - begin)
    readSync(fd, bytes, 0, bytes.length, begin)
    const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1)
    const lines = whole.toString().split('\n').slice(0, -1)
    return [lines.filter(line => line !== ''), begin + whole.length]
  } finally {
    closeSync(fd)
  }
}

function lineOf(part: string, text: string): LogLine {
  if (!text.startsWith('{')) return { part, text }
  try {
    const { time, level } = Line.parse(JSON.parse(text))
    return { part, text, time, level }
  } catch {
    return { part, text }
  }
}

const isWanted = ({ text, level }: LogLine, { parts, about = '', level: least }: Wanted) =>
  text.includes(about) && (level === undefined ? parts.length > 0 && least <= 30 : level >= least)

function inTime(lines: LogLine[]): LogLine[] {
  let last = 0
  let part = ''
  return lines
    .map(line => {
      if (line.part !== part) last = 0
      part = line.part
      last = line.time ?? last
      return { line, at: last }
    })
    .toSorted((one, other) => one.at - other.at)
    .map(({ line }) => line)
}
