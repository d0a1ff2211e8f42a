import { readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Trouble } from 'kafka-restaurants-service/command'
import { lockDataDir } from '../lock.ts'
import { toolsDir } from '../paths.ts'
import type { TestRun } from '../testing/run.ts'
import { waitUntil } from '../wait-until.ts'
import { goDir, pythonDir, schemasDir } from './find.ts'
import type { Need } from './needs.ts'
import { step } from './step.ts'

const otherMayTakeMs = 3_600_000

/** Whether it is not here, and can be had. */
const isToBeGot = (need: Need) => !need.isHere() && need.way.isOpen(need)

/**
 * Gets of these needs what is not here and can be had. Of two that do so at the same time, one waits for the other.
 * @param folder where they are got to
 * @returns those that are not here after that
 */
export async function getMissing(needs: Need[], run: TestRun, folder = toolsDir): Promise<Need[]> {
  if (needs.some(isToBeGot)) {
    await alone(
      line => console.log(`  ${line}`),
      folder,
      async () => {
        for (const need of needs) {
          if (isToBeGot(need)) await getOne(need, run)
          run.signal.throwIfAborted()
        }
      },
    )
  }
  const lacking: Need[] = []
  for (const need of needs) if (!need.isHere() && !(await need.standIn?.())) lacking.push(need)
  return lacking
}

/**
 * Puts something among the tools, alone: of two that do so at the same time, one says so and waits for the other.
 * @param folder where they are
 */
export async function alone<Result>(
  say: (line: string) => void,
  folder: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const unlock = await lock(say, folder)
  try {
    removeOld(folder)
    return await work()
  } finally {
    unlock()
  }
}

/** What a killed run left behind, and what was pinned before. */
function removeOld(folder: string): void {
  const current = [goDir, pythonDir, schemasDir].map(place => basename(place))
  const isOld = (name: string) =>
    /^(incomplete|go|python|schemas)-/.test(name) && !current.some(each => name.startsWith(each))
  for (const name of readdirSync(folder).filter(isOld)) rmSync(join(folder, name), { recursive: true })
}

/** What can't be had is told, and no reason to stop. */
async function getOne(need: Need, run: TestRun): Promise<void> {
  try {
    await step(`${need.name}, ${need.way.says}`, run, exec => need.way.get(need, exec))
  } catch (error) {
    // Such as a full disk.
    const isOfSystem = typeof (error as NodeJS.ErrnoException).code === 'string'
    if (!(error instanceof Trouble) && !isOfSystem) throw error
    console.log(`✗ ${need.name} can't be had: ${(error as Error).message}`)
  }
}

/** @returns what ends it */
function lock(say: (line: string) => void, folder: string): Promise<() => void> {
  let isTold = false
  const tryIt = () => {
    try {
      return lockDataDir(folder).release
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
      if (!isTold) say('another npm test or npm start gets tools; waiting for it …')
      isTold = true
      return undefined
    }
  }
  return waitUntil('the other one has its tools', otherMayTakeMs, tryIt, 500)
}

/** In a line each, what of these is here, will be got, or can't be had. */
export function describeNeeds(needs: Need[]): Promise<string[]> {
  return Promise.all(
    needs.map(async need => {
      const { name, way } = need
      if (need.isHere()) return `${name}: here`
      if (way.isOpen(need)) return `${name}: will be got, ${way.says}`
      if (await need.standIn?.()) return `${name}: another stands in`
      return `${name}: MISSING; ${notRun(need)}`
    }),
  )
}

/** What is not run without it, and what to do about that. */
export function notRun(need: Need): string {
  const { name, tests, way } = need
  const command = way.isOpen(need) ? 'npm test (above stands why it failed)' : way.command(need)
  return `without ${name}, not run: ${tests}. What brings it: ${command}`
}
